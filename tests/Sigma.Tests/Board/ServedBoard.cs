using System.Net;
using Sigma.Board;

namespace Sigma.Tests.Board;

/// <summary>The board over a folder, and somebody who looks at it.</summary>
internal sealed class ServedBoard : IAsyncDisposable
{
    private readonly BoardServer server;
    private readonly HttpClient client;

    private ServedBoard(BoardServer server)
    {
        this.server = server;
        client = new HttpClient { BaseAddress = server.Address };
    }

    public Uri Address => server.Address;

    public static async Task<ServedBoard> Over(RunsToShow runs) => new(await BoardServer.Start(runs.Path, port: 0));

    public Task<string> Page(params string[] runs) => client.GetStringAsync(new Uri("?" + string.Join('&', runs.Select(r => "run=" + Uri.EscapeDataString(r))), UriKind.Relative));

    public async Task<(HttpStatusCode Code, string Text)> Ask(string address, string? host = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(address, UriKind.Relative));
        request.Headers.Host = host;
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
    }
}

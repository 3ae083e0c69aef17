using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Sigma.Board;

/// <summary>
/// Serves the board to browsers on this machine: one page, its style and script, and the files of the runs that the page links to.
/// It writes nothing, and hands out nothing but what lies in a run's folder under a known name.
/// </summary>
public sealed class BoardServer : IAsyncDisposable
{
    /// <summary>Where the board listens unless told otherwise: SIGM on the keys of a telephone.</summary>
    public const int DefaultPort = 7446;

    // Scripts come from here alone, and no page of others may show this one.
    private const string PagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // What lies in a run's folder is shown, and may do nothing.
    private const string FilePolicy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'";

    private readonly WebApplication app;
    private readonly RunsFolder folder;
    private readonly BoardPage page;
    private readonly Lock oneAtATime = new();

    private BoardServer(WebApplication app, RunsFolder folder)
    {
        (this.app, this.folder, page) = (app, folder, new BoardPage(folder));
        app.UseResponseCompression();
        app.Run(Answer);
    }

    /// <summary>Where the page is.</summary>
    public Uri Address => new(app.Urls.First());

    /// <summary>Begins to serve, on 127.0.0.1.</summary>
    /// <param name="runs">The folder that is searched for runs.</param>
    /// <param name="port">The port, or 0 for a free one.</param>
    /// <exception cref="BadInputException">There is no such folder, or the port cannot be had.</exception>
    public static async Task<BoardServer> Start(string runs, int port)
    {
        if (!Directory.Exists(runs))
            throw new BadInputException(File.Exists(runs) ? $"--runs {runs} is a file, but the folder of the runs is wanted" : $"--runs {runs}: there is no such folder");
        // Without what a builder reads of its own accord: settings in the working folder and the environment.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddResponseCompression();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var server = new BoardServer(builder.Build(), new RunsFolder(runs));
        try
        {
            await server.app.StartAsync().ConfigureAwait(false);
            return server;
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw Refused(port, failure);
        }
    }

    /// <summary>Serves until <paramref name="stop"/> is cancelled.</summary>
    public async Task Serve(CancellationToken stop)
    {
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Stops serving.</summary>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static Exception Refused(int port, Exception failure) => failure is SocketException { SocketErrorCode: SocketError.AccessDenied }
        ? new BadInputException($"there is no right to listen on port {port}: give one from 1024 on with --port, or --port 0 for any that is free", failure)
        : new BadInputException($"port {port} is in use: give another with --port, or --port 0 for any that is free", failure);

    private async Task Answer(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // A page elsewhere can give its own name this machine's address, and would then read along.
        if (!IsThisMachine(request.Host.Host))
            await Refuse(response, StatusCodes.Status403Forbidden, "this board answers to localhost and 127.0.0.1 only").ConfigureAwait(false);
        else if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            await Refuse(response, StatusCodes.Status405MethodNotAllowed, "there is nothing here but to read").ConfigureAwait(false);
        else
            await (request.Path.Value switch
            {
                "/" => Page(request, response),
                "/board.css" => Send(response, "text/css; charset=utf-8", Assets.Style),
                "/board.js" => Send(response, "text/javascript; charset=utf-8", Assets.Script),
                "/file" => HandOut(request, response),
                _ => Refuse(response, StatusCodes.Status404NotFound, "there is no such page; the board is at /"),
            }).ConfigureAwait(false);
    }

    private Task Page(HttpRequest request, HttpResponse response)
    {
        string html;
        var asked = request.Query.TryGetValue("run", out var names) ? names.OfType<string>().ToHashSet() : null;
        lock (oneAtATime)
            html = page.Render(asked, DateTime.UtcNow);
        response.Headers.ContentSecurityPolicy = PagePolicy;
        return Send(response, "text/html; charset=utf-8", html);
    }

    private async Task HandOut(HttpRequest request, HttpResponse response)
    {
        WatchedRun? run;
        lock (oneAtATime)
            run = folder.Named(request.Query["run"].ToString());
        var file = RunFile.All.FirstOrDefault(f => f.Name == request.Query["name"]);
        var content = run is null || file is null ? null : run.Open(file);
        if (content is null)
        {
            await Refuse(response, StatusCodes.Status404NotFound, "there is no such file of a run").ConfigureAwait(false);
            return;
        }
        await using var _ = content.ConfigureAwait(false);
        response.ContentType = file!.Type;
        response.Headers.ContentSecurityPolicy = FilePolicy;
        await content.CopyToAsync(response.Body).ConfigureAwait(false);
    }

    private static Task Send(HttpResponse response, string type, string text)
    {
        response.ContentType = type;
        return response.WriteAsync(text);
    }

    private static Task Refuse(HttpResponse response, int status, string why)
    {
        response.StatusCode = status;
        return Send(response, "text/plain; charset=utf-8", why + "\n");
    }

    private static bool IsThisMachine(string host) => host is "127.0.0.1" or "[::1]" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
}

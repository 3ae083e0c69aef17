using System.Diagnostics;
using Sigma.Tests.Cli;

namespace Sigma.Tests.Board;

[Trait("Category", "board")]
public sealed class BoardCommandTests
{
    [Fact]
    public async Task It_tells_its_address_and_ends_at_once_when_it_is_told_to()
    {
        using var runs = new RunsToShow();
        runs.Add("one");
        using var board = Program.Start("board", "--runs", runs.Path, "--port", "0");
        var told = await board.StandardOutput.ReadLineAsync();
        Assert.StartsWith("board: http://127.0.0.1:", told, StringComparison.Ordinal);
        using var client = new HttpClient();
        Assert.Contains(">one<", await client.GetStringAsync(new Uri(told!["board: ".Length..])), StringComparison.Ordinal);
        using var signal = Process.Start("kill", ["-TERM", $"{board.Id}"]);
        var outcome = Program.Finish(board);
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains("ssh -L", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port is 70000, but must be from 0 to 65535", "--runs", "/tmp", "--port", "70000")]
    [InlineData("there is no such folder", "--runs", "/nowhere/at/all")]
    [InlineData("--runs", "--port", "0")]
    public void Wrong_use_is_refused_in_a_line(string told, params string[] arguments)
    {
        var outcome = Program.Run(["board", .. arguments]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
    }
}

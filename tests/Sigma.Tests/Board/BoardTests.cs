using System.Net;
using System.Net.Sockets;
using Sigma.Board;
using Sigma.Recipes;
using Sigma.Training;

namespace Sigma.Tests.Board;

[Trait("Category", "board")]
public sealed class BoardTests : IDisposable
{
    private readonly RunsToShow runs = new();

    public void Dispose() => runs.Dispose();

    [Fact]
    public async Task Runs_at_any_depth_are_listed_with_their_step_loss_and_files()
    {
        runs.Add("one", steps: 3, total: 8);
        runs.Add("deep/er/two");
        await using var board = await ServedBoard.Over(runs);
        var page = await board.Page("one");
        foreach (var part in new[] { ">one<", ">deep/er/two<", "3 / 8", "■ stopped", "✓ finished", "file?run=one&amp;name=log.txt", "1 → 3", "2 ln 64, blind guessing" })
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await board.Ask("file?run=one&name=recipe.yaml")).Code);
        Assert.Contains("2 steps an epoch", (await board.Ask("file?run=deep%2Fer%2Ftwo&name=log.txt")).Text, StringComparison.Ordinal);
        Assert.Contains("--curve", (await board.Ask("board.css")).Text, StringComparison.Ordinal);
        Assert.Contains("fetch", (await board.Ask("board.js")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_became_of_a_run_is_told()
    {
        using var claim = runs.Add("under way", steps: 2, total: 9).Claim();
        var killed = runs.Add("killed", steps: 2, total: 9);
        File.WriteAllText(killed.In(".running"), "");
        runs.Add("collapsed", more: log => Assert.Throws<RunStoppedException>(() => log.Record<int>(() => throw new RunStoppedException("collapse at step 3: all the same"))));
        runs.Add("failed", more: log => Assert.Throws<IOException>(() => log.Record<int>(() => throw new IOException("the disk is full"))));
        runs.Add("went on", more: log =>
        {
            Assert.Throws<IOException>(() => log.Record<int>(() => throw new IOException("the disk is full")));
            log.Say("continuing from step-000003");
        });
        await using var board = await ServedBoard.Over(runs);
        var page = await board.Page();
        string Row(string name) => page.Split("<tr ").Single(row => row.Contains($"\"draw {name}\"", StringComparison.Ordinal));
        Assert.Contains("● running", Row("under way"), StringComparison.Ordinal);
        Assert.Contains("4 s<", Row("under way"), StringComparison.Ordinal); // 7 updates of half a second
        Assert.Contains("checked", Row("under way"), StringComparison.Ordinal);
        Assert.Contains("✗ killed", Row("killed"), StringComparison.Ordinal);
        Assert.Contains("✗ collapsed", Row("collapsed"), StringComparison.Ordinal);
        Assert.Contains("all the same", Row("collapsed"), StringComparison.Ordinal);
        Assert.Contains("✗ failed", Row("failed"), StringComparison.Ordinal);
        Assert.Contains("✓ finished", Row("went on"), StringComparison.Ordinal);
        Assert.DoesNotContain("the disk is full", Row("went on"), StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.Contains("<title>1 running", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curves_follow_the_run_and_half_a_line_waits_until_it_is_whole()
    {
        var run = runs.Add("one");
        await using var board = await ServedBoard.Over(runs);
        Assert.Contains("1 → 3", await board.Page("one"), StringComparison.Ordinal);
        var line = RunsToShow.Update(4, loss: 70).ToJson();
        File.AppendAllText(run.Metrics, line[..40]);
        Assert.Contains("1 → 3", await board.Page("one"), StringComparison.Ordinal);
        File.AppendAllText(run.Metrics, line[40..] + "\n");
        Assert.Contains("1 → 70", await board.Page("one"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_goes_on_from_an_earlier_step_is_read_anew()
    {
        var run = runs.Add("one", steps: 6);
        await using var board = await ServedBoard.Over(runs);
        Assert.Contains("1 → 6", await board.Page("one"), StringComparison.Ordinal);
        using (var metrics = new MetricsFile(run, step: 2))
        {
            for (var step = 3; step <= 9; step++)
                metrics.Add(RunsToShow.Update(step, loss: 10 * step));
        }
        var page = await board.Page("one");
        Assert.Contains("1 → 90", page, StringComparison.Ordinal);
        Assert.Contains("step 5: 50", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_runs_are_laid_over_one_another_with_what_differs_between_their_recipes()
    {
        runs.Add("one");
        runs.Add("two", prototypes: 128);
        await using var board = await ServedBoard.Over(runs);
        var page = await board.Page("one", "two");
        Assert.Contains("objective.prototypes", page, StringComparison.Ordinal);
        Assert.DoesNotContain("objective.epsilon", page, StringComparison.Ordinal);
        Assert.DoesNotContain("blind guessing", page, StringComparison.Ordinal); // not the same level in both
        Assert.Contains("<g class=\"run-1\">", page, StringComparison.Ordinal);
        Assert.Contains("step 2\none: 2\ntwo: 2", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fine_tuning_run_is_listed_with_its_best_validation()
    {
        var run = runs.Add("tuned");
        File.WriteAllText(run.Recipe, new FineTuneRecipe().ToYaml());
        var validation = new ValidationFile(run, 3);
        validation.Add(new(1, 1, 0.75, 1, 0.5, 40));
        validation.Add(new(2, 2, 0.5, 1, 0.6, 40));
        await using var board = await ServedBoard.Over(runs);
        var page = await board.Page();
        foreach (var part in new[] { "fine-tuning", "<td>75.0 %</td>", "Validation top-1", "0.75 → 0.5" })
            Assert.Contains(part, page, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_looks_whether_a_run_is_under_way_does_not_keep_one_from_beginning()
    {
        var run = runs.Add("one");
        Assert.False(run.IsClaimed());
        File.WriteAllText(run.In(".running"), "");
        Assert.Null(run.IsClaimed());
        var look = new FileStream(run.In(".running"), FileMode.Open, FileAccess.Read, FileShare.Read);
        new Thread(() =>
        {
            Thread.Sleep(60);
            look.Dispose();
        }).Start();
        using var claim = run.Claim();
        Assert.True(run.IsClaimed());
    }

    [Fact]
    public async Task An_empty_folder_waits_for_its_first_run()
    {
        await using var board = await ServedBoard.Over(runs);
        Assert.Contains("No run yet", await board.Page(), StringComparison.Ordinal);
        var run = runs.Add("first");
        await Task.Delay(1100);
        Assert.Contains(">first<", await board.Page(), StringComparison.Ordinal);
        Directory.Delete(run.Path, recursive: true);
        Assert.DoesNotContain(">first<", await board.Page("first"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await board.Ask("file?run=first&name=log.txt")).Code);
    }

    [Fact]
    public async Task Nothing_outside_the_runs_can_be_read()
    {
        File.WriteAllText(runs.In("secret.txt"), "a secret");
        var run = runs.Add("runs/one");
        File.CreateSymbolicLink(run.Report, runs.In("secret.txt"));
        Directory.CreateSymbolicLink(runs.In("runs/link"), runs.Add("elsewhere").Path);
        await using var server = await BoardServer.Start(runs.In("runs"), port: 0);
        using var client = new HttpClient { BaseAddress = server.Address };
        string[] addresses =
        [
            "file?run=one&name=report.html", "file?run=one&name=..%2F..%2Fsecret.txt", "file?run=..&name=secret.txt", "file?run=..%2Felsewhere&name=log.txt",
            "file?run=link&name=log.txt", "file?run=one&name=metrics.jsonl", "file", "secret.txt", "..%2Fsecret.txt", "one/log.txt", "%2e%2e/secret.txt",
        ];
        foreach (var address in addresses)
            Assert.Equal((address, HttpStatusCode.NotFound), (address, (await client.GetAsync(new Uri(address, UriKind.Relative))).StatusCode));
        var page = await client.GetStringAsync(new Uri("?run=../elsewhere&run=link", UriKind.Relative));
        Assert.DoesNotContain("elsewhere", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">link<", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_elsewhere_cannot_read_along()
    {
        await using var board = await ServedBoard.Over(runs);
        foreach (var host in new[] { "evil.example", "evil.example:7446", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1" })
            Assert.Equal((host, HttpStatusCode.Forbidden), (host, (await board.Ask("", host)).Code));
        foreach (var host in new[] { "localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:7446" })
            Assert.Equal((host, HttpStatusCode.OK), (host, (await board.Ask("", host)).Code));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await board.Ask("", method: HttpMethod.Post)).Code);
    }

    [Fact]
    public async Task Whatever_a_run_is_called_or_says_is_shown_and_does_nothing()
    {
        const string name = "<script>alert(1)<!script> \"&' é";
        var run = runs.Add(name, more: log => Assert.Throws<IOException>(() => log.Record<int>(() => throw new IOException("<img src=x onerror=alert(2)>"))));
        runs.Add("other");
        File.AppendAllText(run.Metrics, "{\"step\":4,\"<b>bold</b>\":1}\n{\"step\":5,\"loss\":\n[1]\nnull\n");
        File.AppendAllText(run.Recipe, "x: <i>y</i>\n");
        File.WriteAllText(run.Report, "<script>alert(3)</script>");
        await using var board = await ServedBoard.Over(runs);
        var page = await board.Page(name, "other");
        Assert.Contains("&lt;script&gt;alert(1)", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;bold", page, StringComparison.Ordinal);
        foreach (var markup in new[] { "<script>", "<img", "<b>", "<i>" })
            Assert.DoesNotContain(markup, page, StringComparison.Ordinal);
        using var client = new HttpClient();
        using var report = await client.GetAsync(new Uri(board.Address, $"file?run={Uri.EscapeDataString(name)}&name=report.html"));
        Assert.Equal(HttpStatusCode.OK, report.StatusCode);
        Assert.StartsWith("sandbox;", Assert.Single(report.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", Assert.Single((await client.GetAsync(board.Address)).Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_and_a_folder_that_is_none_are_refused()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var inUse = await Assert.ThrowsAsync<BadInputException>(() => BoardServer.Start(runs.Path, port));
        Assert.Contains($"port {port} is in use", inUse.Message, StringComparison.Ordinal);
        Assert.Contains("--port 0", inUse.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<BadInputException>(() => BoardServer.Start(runs.In("nowhere"), 0));
        Assert.Contains("nowhere: there is no such folder", missing.Message, StringComparison.Ordinal);
    }
}

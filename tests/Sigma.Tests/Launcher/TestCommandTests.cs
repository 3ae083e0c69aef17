namespace Sigma.Tests.Launcher;

[Trait("Category", "launcher")]
public sealed class TestCommandTests : IDisposable
{
    private readonly LauncherFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_unknown_category_is_refused_with_the_known_ones()
    {
        var (exit, output, error) = _folder.Run("sigma", ["test", "party"]);

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("there is no category party", error, StringComparison.Ordinal);
        Assert.Contains("the categories are: long parity", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(Category!=long)")]
    [InlineData("(Category=parity)&(Category!=long)", "parity")]
    [InlineData("(Category=parity|Category=long)", "parity", "long")]
    [InlineData("(Category=parity)&(Category!=long)&(Sinkhorn)", "parity", "--filter", "Sinkhorn")]
    [InlineData("(Category!=long)&(Sinkhorn)", "--filter", "Sinkhorn")]
    public void Categories_and_filter_choose_the_tests(string expression, params string[] arguments)
    {
        _folder.LeaveResults(Results(total: 1, executed: 1, passed: 1, failed: 0));

        Assert.Equal(0, _folder.Run("sigma", ["test", .. arguments]).Exit);
        Assert.Contains($"--filter {expression} ", _folder.Calls("dotnet")[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_line_counts_and_skips_come_with_their_reason()
    {
        _folder.LeaveResults(Results(total: 5, executed: 4, passed: 4, failed: 0, """
            <UnitTestResult testId="1" testName="Clips.Ru(n: &quot;a&quot;)" outcome="NotExecuted" x="">
              <Output><ErrorInfo>
                <Message>no videos &amp; no folder</Message>
            """));

        var (exit, output, _) = _folder.Run(".ci/run", []);

        Assert.Equal(0, exit);
        Assert.Equal("skipped: Clips.Ru(n: \"a\"): no videos & no folder\n4 passed, 0 failed, 1 skipped\n", output);
    }

    [Theory]
    [InlineData(3, 3, 2, 1, "2 passed, 1 failed, 0 skipped")]
    [InlineData(0, 0, 0, 0, "0 passed, 0 failed, 0 skipped")]
    [InlineData(2, 0, 0, 0, "0 passed, 0 failed, 2 skipped")]
    public void A_failure_or_nothing_run_ends_with_1(int total, int executed, int passed, int failed, string last)
    {
        _folder.LeaveResults(Results(total, executed, passed, failed));

        var (exit, output, _) = _folder.Run("sigma", ["test"]);

        Assert.Equal(1, exit);
        Assert.EndsWith(last + "\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_broke_off_counts_as_failed()
    {
        var (exit, output, _) = _folder.Run("sigma", ["test"]);

        Assert.Equal(1, exit);
        Assert.EndsWith("0 passed, 1 failed, 0 skipped\n", output, StringComparison.Ordinal);
    }

    private static string Results(int total, int executed, int passed, int failed, string tests = "") =>
        $"{tests}\n<Counters total=\"{total}\" executed=\"{executed}\" passed=\"{passed}\" failed=\"{failed}\" notExecuted=\"0\" />\n";
}

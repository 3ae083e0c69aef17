using System.Diagnostics;
using Sigma.Tests.Parity;
using Sigma.Torch;

namespace Sigma.Tests.Ranks;

[Trait("Category", "ranks")]
public sealed class CollectiveTests
{
    public static TheoryData<string> SinkhornFiles => GoldenFile.OfKind("sinkhorn_ranks");

    [Theory]
    [MemberData(nameof(SinkhornFiles))]
    public void Processes_that_hold_a_part_of_the_batch_each_find_the_golden_assignment(string name)
    {
        using var scope = new TensorScope();
        using var golden = GoldenFile.Open(name);
        var output = Path.GetTempFileName();
        using (var ranks = StartedRanks.OfJob(golden.Int("ranks"), "sinkhorn", Path.Combine(Fixtures.Folder, name), output))
            Assert.All(ranks.Finish(), o => Assert.True(o.Code == 0, o.Errors));
        using (var result = SafetensorsFile.Open(output))
            golden.Matches("out.q", result.Read("q"), GoldenFile.ValueTolerance);
        File.Delete(output);
    }

    [Fact]
    public void Sums_texts_and_rows_of_three_ranks_come_together()
    {
        using var ranks = StartedRanks.OfJob(3, "collectives");
        Assert.All(ranks.Finish(), o => Assert.True(o.Code == 0, o.Errors));
    }

    [Fact]
    [Trait("Category", "long")]
    public void A_rank_that_does_not_come_to_a_collective_is_named_with_it()
    {
        var watch = Stopwatch.StartNew();
        using var ranks = new StartedRanks(2);
        ranks.Start(["absent"], timeout: "25", program: "Sigma.Tests.dll");
        ranks.Start(["absent"], timeout: "25", program: "Sigma.Tests.dll");
        var outcome = Cli.Program.Finish(ranks.Processes[0]);
        Assert.True(outcome.Code == 1, outcome.Errors);
        Assert.Matches(@"rank 0: all-reduce .* rank 1 \(.*has not come to it", outcome.Errors);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(90), "it took longer than the timeout allows");
    }

    [Fact]
    public void Rows_computed_by_several_ranks_are_those_of_one_in_the_same_order()
    {
        using var files = new TinyRun(videos: 0);
        for (var i = 0; i < 5; i++)
        {
            Directory.CreateDirectory(Path.Combine(files.Data, $"class {i % 2}"));
            TinyRun.Render(Path.Combine(files.Data, $"class {i % 2}", $"{i}.mp4"), i);
        }
        File.WriteAllText(Path.Combine(files.Data, "class 0", "broken.mp4"), "text");
        using (var ranks = StartedRanks.OfJob(3, "rows", files.Data, files.In("rows.safetensors")))
            Assert.All(ranks.Finish(), o => Assert.True(o.Code == 0, o.Errors));
        using var scope = new TensorScope();
        var (rows, samples, unreadable) = RankJobs.RowsOfViews(Sigma.Training.Ranks.Alone, files.Data);
        using var gathered = SafetensorsFile.Open(files.In("rows.safetensors"));
        Assert.Equal(5, rows.Size(0));
        Assert.Equal(1, unreadable.Count);
        Assert.Equal(rows.ToArray<float>(), gathered.Read("rows").ToArray<float>());
        Assert.Equal(samples, gathered.Read("samples").ToArray<long>().Select(s => (int)s));
        Assert.Equal(1, Assert.Single(gathered.Read("unreadable").ToArray<long>()));
    }
}

using System.Text.Json;
using Sigma.Objectives;
using Sigma.Torch;

namespace Sigma.Tests.Parity;

[Trait("Category", "parity")]
public sealed class SinkhornParityTests
{
    public static TheoryData<string> Files => GoldenFile.OfKind("sinkhorn");

    public static TheoryData<string> RankFiles => GoldenFile.OfKind("sinkhorn_ranks");

    [Theory]
    [MemberData(nameof(Files))]
    public void The_assignment_is_that_of_the_published_code(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        var cases = file.Settings.Where(s => s.Key.StartsWith("case_", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(cases);
        foreach (var (key, json) in cases)
        {
            var number = key["case_".Length..];
            using var settings = JsonDocument.Parse(json);
            var (epsilon, iterations) = (settings.RootElement.GetProperty("epsilon").GetDouble(), settings.RootElement.GetProperty("iterations").GetInt32());
            var scores = file[$"in.scores_{number}"];
            file.Matches($"out.q_{number}", Sinkhorn.Assign(scores, epsilon, iterations), GoldenFile.ValueTolerance);
            AssertLabels(file, number, Sinkhorn.Labels(scores, epsilon, iterations));
        }
    }

    [Theory]
    [MemberData(nameof(RankFiles))]
    public void One_rank_that_holds_the_whole_batch_gives_the_assignment_of_several(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        file.Matches("out.q", Sinkhorn.Assign(file["in.scores"], file.Double("epsilon"), file.Int("iterations")), GoldenFile.ValueTolerance);
    }

    /// <summary>The label is the largest entry of the golden row, or one within 1e-5 of it.</summary>
    private static void AssertLabels(GoldenFile file, string number, Tensor labels)
    {
        var q = file[$"out.q_{number}"];
        var (rows, width, got) = (q.ToArray<double>(), (int)q.Size(-1), labels.ToArray<long>());
        for (var i = 0; i < got.Length; i++)
        {
            var best = rows.AsSpan(i * width, width).ToArray().Max();
            Assert.InRange(rows[i * width + got[i]], best - 1e-5, best);
        }
    }
}

using System.Globalization;
using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Objectives;
using Sigma.Recipes;
using Sigma.Torch;
using SigmaRanks = Sigma.Training.Ranks;

namespace Sigma.Tests.Ranks;

/// <summary>What this assembly does when it is started as a rank: <c>dotnet Sigma.Tests.dll JOB …</c>.</summary>
internal static class RankJobs
{
    public static int Main(string[] line)
    {
        try
        {
            using var ranks = SigmaRanks.Join(Device.Cpu);
            using var scope = new TensorScope();
            return ranks.Do(_ => 1, () => Do(ranks, line));
        }
        catch (RankFailedException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    private static int Do(SigmaRanks ranks, string[] line) => line[0] switch
    {
        "sinkhorn" => AssignOwnRows(ranks, line[1], line[2]),
        "collectives" => TryCollectives(ranks),
        "absent" => ComeTooLate(ranks),
        "rows" => ComputeRows(ranks, line[1], line[2]),
        _ => throw new ArgumentException(line[0]),
    };

    /// <summary>Sinkhorn over this rank's rows of the golden scores; rank 0 writes the whole assignment.</summary>
    private static int AssignOwnRows(SigmaRanks ranks, string input, string output)
    {
        using var file = SafetensorsFile.Open(input);
        var scores = file.Read("in.scores");
        var rows = scores.Size(0) / ranks.Count;
        var (epsilon, iterations) = (double.Parse(file.Metadata["epsilon"], CultureInfo.InvariantCulture), int.Parse(file.Metadata["iterations"], CultureInfo.InvariantCulture));
        var own = Sinkhorn.Assign(F.Contiguous(F.Narrow(scores, 0, ranks.Rank * rows, rows)), epsilon, iterations, ranks.SumInPlace);
        var all = ranks.GatherRows(own);
        if (ranks.IsFirst)
            SafetensorsFile.Write(output, [("q", all)]);
        return 0;
    }

    private static int TryCollectives(SigmaRanks ranks)
    {
        var (rank, count) = (ranks.Rank, ranks.Count);
        Expect(ranks.Sum(rank, 1)[0] == count * (count - 1) / 2 && ranks.Sum(rank, 1)[1] == count, "sum");
        Expect(ranks.Mean(rank) == (count - 1) / 2.0, "mean");
        Expect(ranks.Any(rank == count - 1) && !ranks.Any(false), "any");
        Expect(ranks.Gather(new string('ä', rank)).Select(t => t.Length).SequenceEqual(Enumerable.Range(0, count)), "texts of different lengths");
        var rows = ranks.GatherRows(F.Full([rank + 1, 2], rank));
        Expect(rows.ToArray<float>().SequenceEqual(Enumerable.Range(0, count).SelectMany(r => Enumerable.Repeat((float)r, 2 * (r + 1)))), "rows without padding");
        var shared = F.Full([3, 4], rank + 5.0);
        ranks.Share("thing", [shared]);
        Expect(shared.ToArray<float>().All(v => v == 5), "broadcast");
        ranks.Barrier();
        return 0;

        static void Expect(bool so, string what)
        {
            if (!so)
                throw new InvalidOperationException($"not as it should be: {what}");
        }
    }

    /// <summary>The last rank does not come to the second sum.</summary>
    private static int ComeTooLate(SigmaRanks ranks)
    {
        ranks.Sum(1);
        if (ranks.Rank == ranks.Count - 1)
            Thread.Sleep(TimeSpan.FromSeconds(120));
        ranks.Sum(1);
        return 0;
    }

    private static int ComputeRows(SigmaRanks ranks, string data, string output)
    {
        var (rows, samples, unreadable) = RowsOfViews(ranks, data);
        if (ranks.IsFirst)
            SafetensorsFile.Write(output, [("rows", rows), ("samples", Tensor.From([.. samples.Select(s => (long)s)], samples.Count)), ("unreadable", Tensor.From([(long)unreadable.Count], 1))]);
        return 0;
    }

    /// <summary>The pixels of two views of every video.</summary>
    internal static (Tensor Rows, List<int> Samples, UnreadableVideos Unreadable) RowsOfViews(SigmaRanks ranks, string data)
    {
        var clip = new LabelledClipRecipe { Frames = 4, Stride = 2, Size = 32, TubeSize = 8 };
        return SampleRows.OfViews(
            Manifest.Load(data, labels: true), new TestViews(clip, 2, 1), 1, clips => F.Reshape(FeatureExtractor.Pixels(clips), clips.Size(0) / 2, -1), ranks, CancellationToken.None);
    }
}

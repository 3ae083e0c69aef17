using System.Globalization;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation;

/// <summary>Rows that the ranks computed for the videos of a list, each for some of them.</summary>
internal static class SampleRows
{
    /// <summary>
    /// The rows of all ranks, on each of them, in the order of the list. What was padded on the way, so that all ranks send
    /// alike much, is dropped.
    /// </summary>
    /// <param name="ranks">Who computed.</param>
    /// <param name="values">Of each kind [n, D] for this rank's n videos; null where it has none.</param>
    /// <param name="samples">[n], their places in the list.</param>
    /// <returns>[N, D] of each kind, null where no rank has any, and [N].</returns>
    public static (Tensor?[] Values, List<int> Samples) Gather(Ranks ranks, Tensor?[] values, List<int> samples)
    {
        if (ranks.Count == 1)
            return (values, samples);
        long[] all = [.. ranks.GatherRows(Tensor.From([.. samples.Select(s => (long)s)], samples.Count)).ToArray<long>()];
        if (all.Length == 0)
            return (new Tensor?[values.Length], []);
        int[] order = [.. Enumerable.Range(0, all.Length).OrderBy(i => all[i])];
        var places = Tensor.From([.. order.Select(i => (long)i)], order.Length);
        var gathered = new Tensor?[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            // A rank without any learns the width from the others.
            var width = ranks.Gather($"{values[i]?.Size(1) ?? 0}").Max(text => long.Parse(text, CultureInfo.InvariantCulture));
            gathered[i] = F.IndexSelect(ranks.GatherRows(values[i] ?? F.Zeros([0, width])), 0, places);
        }
        return (gathered, [.. order.Select(i => (int)all[i])]);
    }
}

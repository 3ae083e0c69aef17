using System.Globalization;
using Sigma.Data;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation;

/// <summary>Rows that the ranks computed for the videos of a list, each for some of them.</summary>
internal static class SampleRows
{
    /// <summary>Computes a row for every readable video of a list from its views; each video is decoded once.</summary>
    /// <param name="manifest">The videos.</param>
    /// <param name="views">Which views of each.</param>
    /// <param name="workers">Threads that decode; 0 for as many as there are cores.</param>
    /// <param name="compute">Takes the views of n videos, [n · views, T, H, W, 3] of bytes, to [n, D] on the CPU.</param>
    /// <param name="ranks">Who shares the videos out; every rank gets the rows of all, as one alone would.</param>
    /// <param name="stop">Ends it early, on all ranks where one is told to.</param>
    /// <returns>[N, D] in the caller's scope, the places [N] of the videos in the list, and those that could not be read.</returns>
    /// <exception cref="BadInputException">None of the videos can be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static (Tensor Rows, List<int> Samples, UnreadableVideos Unreadable) OfViews(
        Manifest manifest, TestViews views, int workers, Func<Tensor, Tensor> compute, Ranks ranks, CancellationToken stop)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var (parts, samples) = (new List<Tensor>(), new List<int>());
        var clips = new ViewClips(manifest, views, workers, ranks.Rank, ranks.Count);
        try
        {
            foreach (var (batch, pixels) in clips.Read(stop))
            {
                using var step = new TensorScope();
                parts.Add(step.Keep(compute(pixels)));
                samples.AddRange(batch);
            }
        }
        catch (OperationCanceledException) when (ranks.Count > 1)
        {
            // The others may be done, and learn of it below.
        }
        if (ranks.Any(stop.IsCancellationRequested))
            throw new OperationCanceledException("interrupted", stop);
        (var all, samples) = Gather(ranks, parts.Count == 0 ? null : F.Cat([.. parts], 0), samples);
        new SharedRun(ranks).Share(clips.Unreadable);
        return samples.Count > 0
            ? (scope.Keep(all!), samples, clips.Unreadable)
            : throw new BadInputException($"none of the {manifest.Count} videos to evaluate can be read, such as {clips.Unreadable.List[0].Path}: {clips.Unreadable.List[0].Reason}");
    }

    /// <summary>
    /// The rows of all ranks, on each of them, in the order of the list. What was padded on the way, so that all ranks send
    /// alike much, is dropped.
    /// </summary>
    /// <param name="ranks">Who computed.</param>
    /// <param name="rows">[n, D] of this rank's n videos; null where it has none.</param>
    /// <param name="samples">[n], their places in the list.</param>
    /// <returns>[N, D], null where no rank has any, and [N].</returns>
    private static (Tensor? Rows, List<int> Samples) Gather(Ranks ranks, Tensor? rows, List<int> samples)
    {
        if (ranks.Count == 1)
            return (rows, samples);
        long[] all = [.. ranks.GatherRows(Tensor.From([.. samples.Select(s => (long)s)], samples.Count)).ToArray<long>()];
        if (all.Length == 0)
            return (null, []);
        int[] order = [.. Enumerable.Range(0, all.Length).OrderBy(i => all[i])];
        var places = Tensor.From([.. order.Select(i => (long)i)], order.Length);
        // A rank without any learns the width from the others.
        var width = ranks.Gather($"{rows?.Size(1) ?? 0}").Max(text => long.Parse(text, CultureInfo.InvariantCulture));
        return (F.IndexSelect(ranks.GatherRows(rows ?? F.Zeros([0, width])), 0, places), [.. order.Select(i => (int)all[i])]);
    }
}

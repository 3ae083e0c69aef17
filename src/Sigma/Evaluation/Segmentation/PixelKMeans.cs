using System.Numerics;
using System.Runtime.InteropServices;
using Sigma.Data;

namespace Sigma.Evaluation.Segmentation;

/// <summary>Clusters of the pixels of a clip.</summary>
/// <param name="Labels">[S, size, size], the cluster of each pixel.</param>
/// <param name="Cost">Sum of squared distances from the centres.</param>
internal sealed record PixelClusters(byte[] Labels, double Cost);

/// <summary>
/// k-means over the pixels of a clip: Lloyd's iterations (1982) from centres drawn by k-means++ (Arthur and Vassilvitskii
/// 2007), several times from new draws, of which the one with the least cost is kept. The same seed gives the same clusters.
/// </summary>
/// <param name="features">The pixels.</param>
/// <param name="clusters">K, at most 255.</param>
/// <param name="restarts">Draws.</param>
/// <param name="iterations">At most so many steps a draw.</param>
internal sealed class PixelKMeans(
    PixelFeatures features, int clusters, int restarts = PixelKMeans.DefaultRestarts, int iterations = PixelKMeans.DefaultIterations)
{
    /// <summary>Draws, of which the best is kept.</summary>
    public const int DefaultRestarts = 5;

    /// <summary>Most steps a draw.</summary>
    public const int DefaultIterations = 100;

    // A step that lowers the cost by a smaller share is the last.
    private const double LeastGain = 1e-6;

    // Squared distances below this share of what they are the difference of are rounding.
    private const float Rounding = 1e-5f;

    private readonly float[][] lengths = [.. Enumerable.Range(0, features.Slices).AsParallel().AsOrdered().Select(features.SquaredLengths)];

    /// <summary>Clusters the pixels.</summary>
    /// <param name="seed">Of the draws.</param>
    /// <param name="clip">Number of the clip, so that each has draws of its own.</param>
    /// <param name="stop">Ends it early.</param>
    public PixelClusters Run(long seed, int clip, CancellationToken stop = default)
    {
        PixelClusters? best = null;
        for (var restart = 0; restart < restarts; restart++)
        {
            var random = new CounterRandom(seed, 0, clip, Purpose.Evaluation, restart);
            var found = Descend(Draw(ref random), stop);
            if (best is null || found.Cost < best.Cost)
                best = found;
        }
        return best!;
    }

    /// <summary>k-means++: each centre is a pixel, drawn with probability proportional to its squared distance from the nearest centre so far.</summary>
    private float[][] Draw(ref CounterRandom random)
    {
        var centres = new float[clusters][];
        centres[0] = PixelAt(random.NextInt(features.Slices * features.Plane));
        var distances = new float[features.Slices][];
        for (var i = 1; i < clusters; i++)
        {
            var (last, first) = (centres[i - 1], i == 1);
            Parallel.For(0, features.Slices, slice => distances[slice] = Nearer(slice, last, first ? null : distances[slice]));
            centres[i] = PixelAt(Pick(distances, ref random));
        }
        return centres;
    }

    private float[] PixelAt(int pixel)
    {
        var (slice, place) = Math.DivRem(pixel, features.Plane);
        var (y, x) = Math.DivRem(place, features.Size);
        return features.Pixel(slice, y, x);
    }

    /// <summary>Squared distance of a slice's pixels from the nearest centre, when one is added: [size, size].</summary>
    private float[] Nearer(int slice, float[] centre, float[]? before)
    {
        var (scores, row) = (new float[features.Rows * features.Size], new float[features.Size]);
        features.Scores(slice, centre, scores);
        var length = PixelFeatures.Dot(centre, centre);
        var distances = before ?? new float[features.Plane];
        for (var y = 0; y < features.Size; y++)
        {
            features.Row(scores, y, row);
            for (var x = 0; x < row.Length; x++)
            {
                var place = y * row.Length + x;
                var distance = lengths[slice][place] - 2 * row[x];
                if (distance < Rounding * (lengths[slice][place] + length))
                    distance = 0;
                distances[place] = before is null ? distance : Math.Min(distances[place], distance);
            }
        }
        return distances;
    }

    /// <summary>A pixel with probability proportional to its distance; any pixel where all distances are 0.</summary>
    private int Pick(float[][] distances, ref CounterRandom random)
    {
        var sums = new double[distances.Length];
        Parallel.For(0, distances.Length, slice =>
        {
            var sum = 0.0;
            foreach (var distance in distances[slice])
                sum += distance;
            sums[slice] = sum;
        });
        var total = sums.Sum();
        if (total <= 0)
            return random.NextInt(features.Slices * features.Plane);
        var wanted = random.NextDouble() * total;
        var chosen = 0;
        for (var slice = 0; slice < sums.Length; slice++)
        {
            if (wanted >= sums[slice])
            {
                wanted -= sums[slice];
                continue;
            }
            for (var i = 0; i < distances[slice].Length; i++)
            {
                if (distances[slice][i] <= 0)
                    continue;
                chosen = slice * features.Plane + i;
                wanted -= distances[slice][i];
                if (wanted < 0)
                    return chosen;
            }
        }
        return chosen; // rounding left the sums a little short of the last pixel
    }

    private PixelClusters Descend(float[][] centres, CancellationToken stop)
    {
        var labels = new byte[features.Slices * features.Plane];
        var cost = double.PositiveInfinity;
        for (var i = 0; ; i++)
        {
            stop.ThrowIfCancellationRequested();
            var parts = new SliceSums[features.Slices];
            Parallel.For(0, features.Slices, slice => parts[slice] = Assign(slice, centres, labels.AsSpan(slice * features.Plane, features.Plane)));
            var (before, now) = (cost, parts.Sum(part => part.Cost));
            cost = now;
            if (i == iterations || (i > 0 && before - now <= LeastGain * Math.Abs(before)))
                return new(labels, cost);
            Move(centres, parts);
        }
    }

    /// <summary>The nearest centre of each pixel of a slice; the lower number wins a tie.</summary>
    private SliceSums Assign(int slice, float[][] centres, Span<byte> labels)
    {
        var (size, plane) = (features.Size, features.Rows * features.Size);
        var (scores, shares) = (new float[clusters * plane], new float[clusters * plane]); // [K, R, size]
        for (var cluster = 0; cluster < clusters; cluster++)
            features.Scores(slice, centres[cluster], scores.AsSpan(cluster * plane, plane));
        var best = new float[size];
        var cost = 0.0;
        for (var y = 0; y < size; y++)
        {
            var found = labels.Slice(y * size, size);
            Nearest(scores, y, best, found);
            features.GiveBack(found, y, shares);
            var squared = lengths[slice].AsSpan(y * size, size);
            for (var x = 0; x < size; x++)
                cost += squared[x] - 2 * best[x];
        }
        var (sums, counts) = (new double[clusters][], new double[clusters]);
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            sums[cluster] = new double[features.Width];
            counts[cluster] = features.Sum(slice, shares.AsSpan(cluster * plane, plane), sums[cluster]);
        }
        return new(sums, counts, cost);
    }

    /// <summary>
    /// The largest score and its cluster for every pixel of a row, between two rows of every cluster's scores. Nearly all of
    /// a step's time goes here, so a few pixels at a time see all clusters while the best so far stays in registers.
    /// </summary>
    private void Nearest(float[] scores, int y, Span<float> best, Span<byte> labels)
    {
        var (size, plane) = (features.Size, (nuint)(features.Rows * features.Size));
        var (above, below, share) = features.Between(y);
        ref var first = ref MemoryMarshal.GetArrayDataReference(scores);
        var weight = new Vector<float>(share);
        var x = 0;
        for (; x <= size - Vector<float>.Count; x += Vector<float>.Count)
        {
            var (high, low) = ((nuint)(above * size + x), (nuint)(below * size + x));
            var (most, which) = (new Vector<float>(float.NegativeInfinity), Vector<int>.Zero);
            for (var cluster = 0; cluster < clusters; cluster++, high += plane, low += plane)
            {
                var top = Vector.LoadUnsafe(ref first, high);
                var score = top + weight * (Vector.LoadUnsafe(ref first, low) - top);
                var larger = Vector.GreaterThan(score, most);
                most = Vector.ConditionalSelect(larger, score, most);
                which = Vector.ConditionalSelect(larger, new Vector<int>(cluster), which);
            }
            most.CopyTo(best[x..]);
            for (var i = 0; i < Vector<float>.Count; i++)
                labels[x + i] = (byte)which[i];
        }
        for (; x < size; x++)
        {
            (best[x], labels[x]) = (float.NegativeInfinity, 0);
            for (var cluster = 0; cluster < clusters; cluster++)
            {
                var top = scores[cluster * (int)plane + above * size + x];
                var score = top + share * (scores[cluster * (int)plane + below * size + x] - top);
                if (score > best[x])
                    (best[x], labels[x]) = (score, (byte)cluster);
            }
        }
    }

    /// <summary>Every centre to the mean of its pixels; one that has none stays.</summary>
    private void Move(float[][] centres, SliceSums[] parts)
    {
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var count = parts.Sum(part => part.Counts[cluster]);
            if (count < 0.5)
                continue;
            var moved = new float[features.Width];
            for (var channel = 0; channel < moved.Length; channel++)
                moved[channel] = (float)(parts.Sum(part => part.Sums[cluster][channel]) / count);
            centres[cluster] = moved;
        }
    }

    /// <param name="Sums">[K][D], sums of the clusters' pixels.</param>
    /// <param name="Counts">[K], numbers of pixels.</param>
    /// <param name="Cost">Sum of squared distances.</param>
    private sealed record SliceSums(double[][] Sums, double[] Counts, double Cost);
}

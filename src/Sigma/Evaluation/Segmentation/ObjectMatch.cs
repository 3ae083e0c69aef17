namespace Sigma.Evaluation.Segmentation;

/// <summary>Which object each cluster of a clip stands for, and how well the objects are covered.</summary>
/// <param name="ObjectOfCluster">[K], places among the objects; -1 for a cluster that stands for none.</param>
/// <param name="Ious">[objects], intersection over union of each object with its clusters; 0 where it got none.</param>
public sealed record ObjectMatch(int[] ObjectOfCluster, double[] Ious)
{
    /// <summary>Mean over the objects, the background among them.</summary>
    public double MeanIou => Ious.Average();

    /// <summary>Matches by a protocol.</summary>
    /// <param name="overlap">[K, objects], pixels that a cluster and an object share.</param>
    /// <param name="protocol">One to one, or many to one.</param>
    public static ObjectMatch Of(long[,] overlap, SegmentationProtocol protocol)
    {
        var objectOfCluster = protocol == SegmentationProtocol.Clustering ? Assignment.Largest(PairIous(overlap)) : MostPrecise(overlap);
        return new(objectOfCluster, Covered(overlap, objectOfCluster));
    }

    private static double[,] PairIous(long[,] overlap)
    {
        var (clusters, objects) = (overlap.GetLength(0), overlap.GetLength(1));
        var (ofCluster, ofObject) = Totals(overlap);
        var ious = new double[clusters, objects];
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            for (var place = 0; place < objects; place++)
                ious[cluster, place] = Ratio(overlap[cluster, place], ofCluster[cluster] + ofObject[place] - overlap[cluster, place]);
        }
        return ious;
    }

    /// <summary>
    /// Precision is the share of a cluster's pixels that lie in an object, so the most precise pairing is the largest overlap;
    /// the lower number wins a tie, and a cluster without pixels stands for nothing.
    /// </summary>
    private static int[] MostPrecise(long[,] overlap)
    {
        var best = new int[overlap.GetLength(0)];
        for (var cluster = 0; cluster < best.Length; cluster++)
        {
            best[cluster] = -1;
            var most = 0L;
            for (var place = 0; place < overlap.GetLength(1); place++)
            {
                if (overlap[cluster, place] > most)
                    (best[cluster], most) = (place, overlap[cluster, place]);
            }
        }
        return best;
    }

    private static double[] Covered(long[,] overlap, int[] objectOfCluster)
    {
        var (ofCluster, ofObject) = Totals(overlap);
        var (shared, claimed) = (new long[ofObject.Length], new long[ofObject.Length]);
        for (var cluster = 0; cluster < objectOfCluster.Length; cluster++)
        {
            if (objectOfCluster[cluster] is not (>= 0 and var place))
                continue;
            shared[place] += overlap[cluster, place];
            claimed[place] += ofCluster[cluster];
        }
        return [.. ofObject.Select((size, place) => Ratio(shared[place], size + claimed[place] - shared[place]))];
    }

    private static (long[] OfCluster, long[] OfObject) Totals(long[,] overlap)
    {
        var (ofCluster, ofObject) = (new long[overlap.GetLength(0)], new long[overlap.GetLength(1)]);
        for (var cluster = 0; cluster < ofCluster.Length; cluster++)
        {
            for (var place = 0; place < ofObject.Length; place++)
            {
                ofCluster[cluster] += overlap[cluster, place];
                ofObject[place] += overlap[cluster, place];
            }
        }
        return (ofCluster, ofObject);
    }

    private static double Ratio(long shared, long united) => united == 0 ? 0 : (double)shared / united;
}

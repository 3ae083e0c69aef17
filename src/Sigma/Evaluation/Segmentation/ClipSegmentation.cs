using Sigma.Torch;

namespace Sigma.Evaluation.Segmentation;

/// <summary>A clip cut into clusters, and what they are worth.</summary>
/// <param name="Labels">[S, size, size], the cluster of each pixel of a slice.</param>
/// <param name="Clusters">K.</param>
/// <param name="Match">Which object each cluster stands for, and the objects' IoUs.</param>
/// <param name="Masks">What is true.</param>
public sealed record ClipSegmentation(byte[] Labels, int Clusters, ObjectMatch Match, ObjectMasks Masks)
{
    /// <summary>Height and width at which masks are compared, as published.</summary>
    public const int Size = 224;

    /// <summary>Principal components kept, as published.</summary>
    public const int Components = 50;

    /// <summary>Clusters of over-clustering, as published.</summary>
    public const int OverClusters = 10;

    /// <summary>Frames that share a slice's labels.</summary>
    public int FramesOfSlice => Masks.Frames / (Labels.Length / (Masks.Size * Masks.Size));

    /// <summary>
    /// Standardises the tokens, keeps 50 principal components, upsamples bilinearly to the masks' size, clusters the pixels of
    /// the whole clip and matches clusters with objects.
    /// </summary>
    /// <param name="tokens">[S, R, R, D], any D.</param>
    /// <param name="masks">What is true, T = a multiple of S frames.</param>
    /// <param name="protocol">Clustering or over-clustering.</param>
    /// <param name="clusters">K; null takes the protocol's: the number of objects, or 10.</param>
    /// <param name="seed">Of the draws of k-means.</param>
    /// <param name="number">Of the clip in its set, so that each has draws of its own.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="BadInputException">No pixel of the masks belongs to an object or the background.</exception>
    public static ClipSegmentation Of(
        Tensor tokens, ObjectMasks masks, SegmentationProtocol protocol, int? clusters, long seed, int number, CancellationToken stop = default)
    {
        if (masks.Objects.Count == 0)
            throw new BadInputException("every pixel of the masks is undecided (255)");
        var count = clusters ?? (protocol == SegmentationProtocol.Clustering ? masks.Objects.Count : OverClusters);
        using var scope = new TensorScope();
        var shape = tokens.Shape;
        var reduced = PrincipalComponents.Reduce(F.Reshape(tokens, -1, shape[3]), Components);
        var pixels = new PixelFeatures(F.Reshape(reduced, shape[0], shape[1], shape[2], -1), masks.Size);
        var found = new PixelKMeans(pixels, count).Run(seed, number, stop);
        return new(found.Labels, count, ObjectMatch.Of(masks.Overlap(found.Labels, count), protocol), masks);
    }
}

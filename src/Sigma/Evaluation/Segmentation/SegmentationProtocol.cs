namespace Sigma.Evaluation.Segmentation;

/// <summary>How clusters become objects.</summary>
public enum SegmentationProtocol
{
    /// <summary>As many clusters as objects (the background is one), matched one to one so that the IoUs' sum is largest.</summary>
    Clustering,

    /// <summary>More clusters than objects, ten as published, each given to the object that most of its pixels belong to.</summary>
    OverClustering,
}

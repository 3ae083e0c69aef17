namespace Sigma.Data;

/// <summary>
/// What a random draw is for. Each purpose has a stream of its own, so that drawing more for one never shifts
/// another. The numbers are part of what makes a run repeatable: add at the end, never renumber.
/// </summary>
public enum Purpose
{
    /// <summary>The order in which an epoch visits the samples.</summary>
    Order = 0,

    /// <summary>Which frames of a video make the clip.</summary>
    Frames = 1,

    /// <summary>The crop box.</summary>
    Crop = 2,

    /// <summary>Whether the clip is mirrored.</summary>
    Flip = 3,

    /// <summary>Whether the clip loses its colour.</summary>
    Grey = 4,

    /// <summary>Which tubes are hidden.</summary>
    Mask = 5,

    /// <summary>The initial weights.</summary>
    Initialisation = 6,

    /// <summary>Photometric and geometric augmentation when fine-tuning.</summary>
    Augmentation = 7,

    /// <summary>Mixing of clips and labels when fine-tuning.</summary>
    Mixing = 8,

    /// <summary>Layers dropped when fine-tuning.</summary>
    DropPath = 9,

    /// <summary>What is rendered into a made-up clip.</summary>
    Synthesis = 10,

    /// <summary>Starting points and resampling in evaluation.</summary>
    Evaluation = 11,

    /// <summary>The box that is erased when fine-tuning, and what it is filled with.</summary>
    Erasing = 12,
}

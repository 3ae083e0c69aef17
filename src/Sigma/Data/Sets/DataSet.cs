namespace Sigma.Data.Sets;

/// <summary>What the entries of a data set are, and so what is known of each.</summary>
public enum DataSetKind
{
    /// <summary>Videos of one class each.</summary>
    Videos,

    /// <summary>Videos of any number of classes.</summary>
    MultiLabelVideos,

    /// <summary>Videos with a number of repetitions.</summary>
    CountedVideos,

    /// <summary>Pictures of one class each.</summary>
    Images,

    /// <summary>Folders of frames with folders of masks.</summary>
    Sequences,
}

/// <summary>A split of a data set with the number of entries it is published with.</summary>
/// <param name="Name">As <c>--split</c> takes it.</param>
/// <param name="Published">Entries.</param>
public sealed record DataSetSplit(string Name, int Published);

/// <summary>One split of a data set, as its annotation files describe it.</summary>
/// <param name="Layout">Which set.</param>
/// <param name="Split">Which part of it.</param>
/// <param name="Classes">Names of the classes in the order of the labels; empty where there are none.</param>
/// <param name="Entries">What belongs to it, in the annotation's order.</param>
public sealed record DataSet(DataSetLayout Layout, DataSetSplit Split, IReadOnlyList<string> Classes, IReadOnlyList<DataSetEntry> Entries);

using Sigma.Recipes;

namespace Sigma.Data.Sets;

/// <summary>
/// A public data set as it is laid out when its archives have been unpacked: names of folders and annotation files, and how
/// the latter are read. Nothing but the annotations is opened.
/// </summary>
/// <param name="Name">As the command line takes it.</param>
/// <param name="Title">As it is published.</param>
/// <param name="Kind">What its entries are.</param>
/// <param name="Classes">Classes it is published with; 0 where it has none.</param>
/// <param name="Splits">Its splits.</param>
/// <param name="Reader">Reads a split: names of the classes, and the entries.</param>
public sealed record DataSetLayout(
    string Name, string Title, DataSetKind Kind, int Classes, IReadOnlyList<DataSetSplit> Splits,
    Func<DataSetFolder, string, (IReadOnlyList<string> Classes, IReadOnlyList<DataSetEntry> Entries)> Reader)
{
    /// <summary>Every set that is known.</summary>
    public static IReadOnlyList<DataSetLayout> All { get; } =
    [
        Kinetics400.Layout, SomethingSomething.Layout, Ucf101.Layout, Hmdb51.Layout, .. FineGym.Layouts, Diving48.Layout,
        UcfRep.Layout, Charades.Layout, ImageNet.Layout, Cifar100.Layout, Davis2017.Layout, YouTubeVos.Layout,
    ];

    /// <summary>Other names people use.</summary>
    private static readonly Dictionary<string, string> Synonyms = new()
    {
        ["k400"] = "kinetics400",
        ["somethingsomethingv2"] = "ssv2",
        ["somethingsomething"] = "ssv2",
        ["ucf"] = "ucf101",
        ["hmdb"] = "hmdb51",
        ["finegym"] = "gym99",
        ["ucfrc"] = "ucfrep",
        ["imagenet1k"] = "imagenet",
        ["davis"] = "davis2017",
        ["ytvos"] = "youtubevos",
    };

    /// <summary>The set of a name, whatever its case and hyphens.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public static DataSetLayout Named(string name)
    {
        var plain = Plain(name);
        plain = Synonyms.GetValueOrDefault(plain, plain);
        return All.FirstOrDefault(l => Plain(l.Name) == plain) ?? throw new BadInputException(
            NearestWord.To(name, All.Select(l => l.Name)) is { } near
                ? $"there is no data set {name}: did you mean {near}?"
                : $"there is no data set {name}: known are {string.Join(", ", All.Select(l => l.Name))}");
    }

    /// <summary>A split of this set.</summary>
    /// <exception cref="BadInputException">There is none of that name.</exception>
    public DataSetSplit SplitNamed(string split) => Splits.FirstOrDefault(s => s.Name == split)
        ?? throw new BadInputException($"{Name} has no split {split}: it has {string.Join(", ", Splits.Select(s => s.Name))}");

    /// <summary>Reads the annotation of a split.</summary>
    /// <param name="root">The folder the set was unpacked in.</param>
    /// <param name="split">One of <see cref="Splits"/>.</param>
    /// <exception cref="BadInputException">There is no such folder or split, or a file of the annotation is not there.</exception>
    /// <exception cref="ManifestException">Carries every line of the annotation that makes no sense.</exception>
    public DataSet Read(string root, string split)
    {
        var wanted = SplitNamed(split);
        if (!Directory.Exists(root))
            throw new BadInputException($"{root}: there is no such folder, but {Title} should be unpacked there");
        var (classes, entries) = Reader(new DataSetFolder(root, Title), split);
        return new(this, wanted, classes, entries);
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}

using System.Globalization;

namespace Sigma.Data.Sets;

/// <summary>
/// FineGym (Shao et al. 2020) with its 99 elements, and SEVERE's two parts of it: the elements of one set on the floor (FX-S1,
/// labels 6 to 16) and on the uneven bars (UB-S1, labels 74 to 88). <c>gym99_train_element_v1.0.txt</c> (or v1.1) and
/// <c>gym99_val_element.txt</c> with a clip and its label a line, and the clips, cut from the events by these names,
/// <c>subactions/ID_E_000000_000010_A_0001_0002.mp4</c>.
/// </summary>
internal static class FineGym
{
    private const int Elements = 99;

    public static IReadOnlyList<DataSetLayout> Layouts { get; } =
    [
        Part("gym99", "FineGym, Gym99", 0, Elements - 1, 20_484, 8_521),
        Part("fx-s1", "FineGym, FX-S1", 6, 16, 1_882, 777),
        Part("ub-s1", "FineGym, UB-S1", 74, 88, 3_511, 1_471),
    ];

    private static DataSetLayout Part(string name, string title, int first, int last, int train, int validation) => new(
        name, title, DataSetKind.Videos, last - first + 1, [new("train", train), new("val", validation)], (set, split) => Read(set, split, first, last));

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split, int first, int last)
    {
        var folder = set.Folder("subactions", "videos", "clips");
        var entries = new List<DataSetEntry>();
        AnnotationFile.Lines(set.Annotation(Lists(split)), line =>
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var clip, var number])
                throw new FormatException("is not a clip and its label");
            var label = AnnotationFile.Label(number, 0, Elements);
            var stem = VideoFolder.IsVideo(clip) ? Path.GetFileNameWithoutExtension(clip) : clip;
            if (label >= first && label <= last)
                entries.Add(new(stem, set.Media(folder, stem, ".mp4")) { Label = label - first });
        });
        return ([.. Names(set).Skip(first).Take(last - first + 1)], entries);
    }

    private static string[] Lists(string split) => split == "train"
        ? ["gym99_train_element_v1.0.txt", "gym99_train_element_v1.1.txt", "gym99_train_org.txt", "gym99_train.txt"]
        : ["gym99_val_element.txt", "gym99_val_org.txt", "gym99_val.txt"];

    /// <summary>Names of the elements where gym99_categories.txt is there (<c>Clabel: 6; set: 21; Glabel: 67; (FX) …</c>), else their numbers.</summary>
    private static string[] Names(DataSetFolder set)
    {
        string[] names = [.. Enumerable.Range(0, Elements).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        if (set.FindAnnotation("gym99_categories.txt") is { } file)
        {
            AnnotationFile.Lines(file, line =>
            {
                if (line.Split(';', 4) is not [var number, _, _, var name] || number.Split(':') is not [_, var label])
                    throw new FormatException("is not Clabel, set, Glabel and a name, with semicolons between");
                names[AnnotationFile.Label(label.Trim(), 0, Elements)] = name.Trim();
            });
        }
        return names;
    }
}

using Sigma.Media;

namespace Sigma.Data.Sets;

/// <summary>
/// CIFAR-100, binary version (Krizhevsky 2009): <c>cifar-100-binary/train.bin</c>, <c>test.bin</c> with 3074 bytes a picture
/// (coarse label, fine label, 32×32 red, green, blue) and <c>fine_label_names.txt</c>. The fine labels are taken.
/// </summary>
internal static class Cifar100
{
    private const int Side = 32;
    private const int Plane = Side * Side;
    private const int RecordBytes = 2 + 3 * Plane;

    public static DataSetLayout Layout { get; } = new(
        "cifar100", "CIFAR-100", DataSetKind.Images, 100, [new("train", 50_000), new("test", 10_000)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var classes = new List<string>();
        AnnotationFile.Lines(set.Annotation("cifar-100-binary/fine_label_names.txt", "fine_label_names.txt"), classes.Add);
        var file = set.Annotation($"cifar-100-binary/{split}.bin", $"{split}.bin");
        using var stream = File.OpenRead(file);
        if (stream.Length % RecordBytes != 0)
            throw new ManifestException(file, $"has {stream.Length} bytes, which are not whole pictures of {RecordBytes}: is it cut off?");
        var entries = new List<DataSetEntry>();
        var record = new byte[RecordBytes];
        for (var i = 0; i < stream.Length / RecordBytes; i++)
        {
            stream.ReadExactly(record);
            if (record[1] >= classes.Count)
                throw new ManifestException(file, $"has the label {record[1]} at picture {i}, but fine_label_names.txt has {classes.Count} names");
            entries.Add(new(FormattableString.Invariant($"{split}-{i:00000}"), file) { Label = record[1], Record = i });
        }
        return (classes, entries);
    }

    /// <summary>Writes one picture of a file as PNG.</summary>
    public static void WritePng(Stream file, int record, string png)
    {
        var bytes = new byte[RecordBytes];
        file.Position = (long)record * RecordBytes;
        file.ReadExactly(bytes);
        var rgb = new byte[3 * Plane];
        for (var pixel = 0; pixel < Plane; pixel++)
        {
            for (var colour = 0; colour < 3; colour++)
                rgb[3 * pixel + colour] = bytes[2 + colour * Plane + pixel];
        }
        PngImage.Write(png, Side, Side, rgb);
    }
}

using System.Security.Cryptography;
using Sigma.Torch;

namespace Sigma.Evaluation.Frozen;

/// <summary>
/// The features of a stretch of a list of videos, in one safetensors file: <c>features</c> [n · views, …] and <c>samples</c> [n],
/// the places of the n readable videos in the list. The header has the key they belong to and a check-sum; a file that is torn,
/// changed or of another key is taken as not there.
/// </summary>
internal sealed class FeatureShard : IDisposable
{
    private const string Features = "features";
    private const string SamplesName = "samples";
    private const int Block = 1 << 20; // bytes that are summed at a time

    private readonly SafetensorsFile file;

    private FeatureShard(SafetensorsFile file)
    {
        this.file = file;
        using var scope = new TensorScope();
        Samples = [.. file.Read(SamplesName).ToArray<long>().Select(s => (int)s)];
        Type = file.Entries[Features].Type;
        RowShape = file.Entries[Features].Shape[1..];
        RowBytes = checked((int)(RowShape.Aggregate(1L, (a, b) => a * b) * Type.Size()));
    }

    /// <summary>[n], places in the list of videos.</summary>
    public int[] Samples { get; }

    /// <summary>Type of the features.</summary>
    public ScalarType Type { get; }

    /// <summary>Shape of one clip's features.</summary>
    public long[] RowShape { get; }

    /// <summary>Bytes of one clip's features.</summary>
    public int RowBytes { get; }

    /// <summary>Reads the bytes of one clip's features.</summary>
    /// <param name="row">which clip</param>
    /// <param name="bytes">[<see cref="RowBytes"/>], receives them</param>
    /// <exception cref="IOException">the file was cut short, or cannot be read</exception>
    public void Read(int row, Span<byte> bytes) => file.Read(Features, (long)row * RowBytes, bytes[..RowBytes]);

    /// <summary>Opens a file of a key, or null where there is none that is whole.</summary>
    /// <param name="path">the file</param>
    /// <param name="key">what the features depend on</param>
    /// <param name="views">of a video</param>
    /// <param name="bytes">of a video's features</param>
    /// <param name="first">the first place in the list that the file is for</param>
    /// <param name="end">the place behind the last</param>
    public static FeatureShard? TryOpen(string path, string key, int views, long bytes, int first, int end)
    {
        if (!File.Exists(path))
            return null;
        SafetensorsFile? file = null;
        try
        {
            file = SafetensorsFile.Open(path);
            if (Fits(file, key, views, bytes) && new FeatureShard(file) is var shard && shard.Samples.All(sample => sample >= first && sample < end))
                return shard;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // Whatever is wrong with it, it is computed anew.
        }
        file?.Dispose();
        return null;
    }

    /// <summary>Writes a file; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">There is no room, or no right to write.</exception>
    public static void Write(string path, string key, Tensor features, Tensor samples) =>
        WholeFile.Write(path, partial => SafetensorsFile.Write(partial, [(Features, features), (SamplesName, samples)], new Dictionary<string, string>
        {
            ["key"] = key,
            ["sha256"] = Sum(hash =>
            {
                hash.AppendData(features.Bytes);
                hash.AppendData(samples.Bytes);
            }),
        }));

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    private static bool Fits(SafetensorsFile file, string key, int views, long bytes) =>
        file.Metadata.GetValueOrDefault("key") == key && file.Entries.TryGetValue(Features, out var features) && file.Entries.TryGetValue(SamplesName, out var samples)
        && samples is { Type: ScalarType.Int64, Shape: [var n] } && features.Shape.Length > 1 && features.Shape[0] == n * views
        && features.Shape.Skip(1).Aggregate((long)features.Type.Size(), (a, b) => a * b) * views == bytes
        && file.Metadata.GetValueOrDefault("sha256") == Sum(file);

    private static string Sum(SafetensorsFile file) => Sum(hash =>
    {
        var block = new byte[Block];
        foreach (var name in new[] { Features, SamplesName })
        {
            var left = file.Entries[name].End - file.Entries[name].Start;
            for (var at = 0L; left > 0;)
            {
                var some = block.AsSpan(0, (int)Math.Min(left, Block));
                file.Read(name, at, some);
                hash.AppendData(some);
                (at, left) = (at + some.Length, left - some.Length);
            }
        }
    });

    private static string Sum(Action<IncrementalHash> add)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        add(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

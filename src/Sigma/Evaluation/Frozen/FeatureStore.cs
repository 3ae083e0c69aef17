using System.Globalization;
using System.Text.Json;
using Sigma.Data;
using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Evaluation.Frozen;

/// <summary>
/// Computes features once and keeps them: a folder for every <see cref="FeatureKey"/>, with a file for every stretch of the list.
/// What is there and whole is used; what is missing, torn or of another key is computed in one pass over its videos, and
/// written stretch by stretch, so that an interrupted pass goes on where it was.
/// </summary>
/// <param name="root">The folder that all features are kept in.</param>
/// <param name="progress">Where progress is told; null for nowhere.</param>
public sealed class FeatureStore(string root, TextWriter? progress = null)
{
    private const int MostVideos = 256;
    private const long MostBytes = 256L << 20;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Where features are kept unless a person says otherwise: <c>sigma/features</c> in the user's folder for caches.</summary>
    public static string UsualRoot => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "sigma", "features");

    /// <summary>The features of a list of videos, computed as far as they are not kept.</summary>
    /// <param name="encoder">The network.</param>
    /// <param name="manifest">The videos, with labels.</param>
    /// <param name="views">Which views of each.</param>
    /// <param name="kind">What is kept of a clip.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="stop">Ends it early; whole stretches stay.</param>
    /// <exception cref="BadInputException">None of the videos can be read.</exception>
    /// <exception cref="IOException">There is no room for the features.</exception>
    public StoredFeatures Get(FrozenEncoder encoder, Manifest manifest, TestViews views, FeatureKind kind, Device device, CancellationToken stop = default)
    {
        var key = FeatureKey.Of(encoder, manifest, views, kind);
        var bytes = BytesOf(encoder.Encoder.Shape, views, kind);
        var plan = new Plan(Path.Combine(root, key.Hash()[..24]), key.Hash(), (int)Math.Clamp(MostBytes / bytes, 1, MostVideos), manifest.Count, views.Count);
        var shards = plan.Numbers.Select(plan.TryOpen).ToArray();
        try
        {
            int[] missing = [.. plan.Numbers.Where(n => shards[n] is null)];
            if (missing.Length > 0)
            {
                Prepare(plan, key, bytes * missing.Sum(n => plan.Range(n).Length));
                Compute(encoder, manifest, views, kind, device, plan, missing, stop);
                foreach (var n in missing)
                    shards[n] = plan.TryOpen(n) ?? throw NoRoom(plan.Folder, "a file that was just written is not whole", null);
            }
            else
                progress?.WriteLine($"features of {manifest.Count} videos: kept in {plan.Folder}");
            return shards.Sum(s => s!.Samples.Length) > 0
                ? new(manifest, views.Count, shards!)
                : throw new BadInputException($"none of the {manifest.Count} videos to evaluate can be read, such as {manifest[0].Path}");
        }
        catch
        {
            foreach (var shard in shards)
                shard?.Dispose();
            throw;
        }
    }

    private static void Prepare(Plan plan, FeatureKey key, long needed)
    {
        try
        {
            Directory.CreateDirectory(plan.Folder);
            var free = new DriveInfo(plan.Folder).AvailableFreeSpace;
            if (free < needed)
                throw new IOException(FormattableString.Invariant($"they take {needed / 1e9:0.###} GB, and {free / 1e9:0.###} GB are free"));
            File.WriteAllText(Path.Combine(plan.Folder, "key.json"), JsonSerializer.Serialize(key, Readable) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NoRoom(plan.Folder, e.Message, e);
        }
    }

    private void Compute(
        FrozenEncoder encoder, Manifest manifest, TestViews views, FeatureKind kind, Device device, Plan plan, int[] missing, CancellationToken stop)
    {
        encoder.MoveTo(device);
        int[] wanted = [.. missing.SelectMany(plan.Range)];
        var clips = new ViewClips(manifest.Select(wanted), views);
        using var stretch = new Stretch(encoder.Encoder.Shape, kind);
        var next = 0; // the first of the missing stretches that is not written yet
        var told = 0; // tenths
        foreach (var (batch, pixels) in clips.Read(stop))
        {
            using var step = new TensorScope();
            var features = Features(encoder, F.To(pixels, device), kind);
            for (var i = 0; i < batch.Length; i++)
            {
                var sample = wanted[batch[i]];
                while (sample >= plan.End(missing[next]))
                    stretch.Write(plan, missing[next++]);
                stretch.Add(F.Narrow(features, 0, (long)i * views.Count, views.Count), sample);
            }
            var tenths = 10 * (batch[^1] + 1) / wanted.Length;
            if (tenths > told)
                progress?.WriteLine($"features: {batch[^1] + 1} of {wanted.Length} videos");
            told = tenths;
        }
        while (next < missing.Length)
            stretch.Write(plan, missing[next++]);
        foreach (var video in clips.Unreadable.List)
            progress?.WriteLine($"left out, cannot be read: {video.Path}: {video.Reason}");
    }

    private static Tensor Features(FrozenEncoder encoder, Tensor clips, FeatureKind kind)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var tokens = encoder.Tokens(clips); // [B, N, D]
        var features = kind == FeatureKind.Mean ? F.Mean(tokens, [1]) : tokens;
        return scope.Keep(F.Contiguous(F.To(features, TypeOf(kind), Device.Cpu)));
    }

    private static ScalarType TypeOf(FeatureKind kind) => kind == FeatureKind.Mean ? ScalarType.Float32 : ScalarType.Float16;

    private static long[] RowShape(EncoderShape shape, FeatureKind kind) => kind == FeatureKind.Mean ? [shape.Width] : [shape.Tubes, shape.Width];

    private static long BytesOf(EncoderShape shape, TestViews views, FeatureKind kind) =>
        RowShape(shape, kind).Aggregate(1L, (a, b) => a * b) * TypeOf(kind).Size() * views.Count;

    private static IOException NoRoom(string folder, string why, Exception? inner) =>
        new($"the features cannot be kept in {folder}: {why}. Make room there, or name another place with --cache", inner);

    /// <summary>How a list is cut into stretches, and where their files are.</summary>
    private sealed record Plan(string Folder, string Key, int Length, int Videos, int Views)
    {
        public IEnumerable<int> Numbers => Enumerable.Range(0, (Videos + Length - 1) / Length);

        public int End(int number) => Math.Min((number + 1) * Length, Videos);

        public int[] Range(int number) => [.. Enumerable.Range(number * Length, End(number) - number * Length)];

        public string File(int number) => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{number:00000}.safetensors"));

        public FeatureShard? TryOpen(int number) => FeatureShard.TryOpen(File(number), Key, Views);
    }

    /// <summary>The features of a stretch while they are gathered.</summary>
    private sealed class Stretch(EncoderShape shape, FeatureKind kind) : IDisposable
    {
        private readonly List<Tensor> parts = [];
        private readonly List<int> samples = [];

        public void Add(Tensor features, int sample)
        {
            parts.Add(features.KeepForever());
            samples.Add(sample);
        }

        public void Write(Plan plan, int number)
        {
            using var scope = new TensorScope();
            try
            {
                var features = parts.Count > 0 ? F.Cat([.. parts], 0) : Tensor.Empty([0, .. RowShape(shape, kind)], TypeOf(kind));
                FeatureShard.Write(plan.File(number), plan.Key, features, [.. samples]);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw NoRoom(plan.Folder, e.Message, e);
            }
            Dispose();
        }

        public void Dispose()
        {
            foreach (var part in parts)
                part.Dispose();
            parts.Clear();
            samples.Clear();
        }
    }
}

using System.Globalization;
using System.Text.Json;
using Sigma.Data;
using Sigma.Models;
using Sigma.Torch;
using Sigma.Training;

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

    /// <summary>Where features are kept unless a person says otherwise: <c>sigma/features</c> in the user's folder for caches.</summary>
    public static string UsualRoot => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "sigma", "features");

    /// <summary>The features of a list of videos, computed as far as they are not kept.</summary>
    /// <param name="encoder">The network.</param>
    /// <param name="manifest">The videos.</param>
    /// <param name="views">Which views of each.</param>
    /// <param name="kind">What is kept of a clip.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="stop">Ends it early; whole stretches stay.</param>
    /// <exception cref="BadInputException">None of the videos can be read.</exception>
    /// <exception cref="IOException">There is no room for the features.</exception>
    public StoredFeatures Get(FrozenEncoder encoder, Manifest manifest, TestViews views, FeatureKind kind, Device device, CancellationToken stop = default)
    {
        var (plan, key) = PlanOf(encoder, manifest, views, kind);
        var shards = plan.Numbers.Select(plan.TryOpen).ToArray();
        try
        {
            int[] missing = [.. plan.Numbers.Where(n => shards[n] is null)];
            if (missing.Length > 0)
            {
                Prepare(plan, key, missing);
                Compute(encoder, manifest, views, kind, device, plan, missing, Ranks.Alone, stop);
                foreach (var n in missing)
                    shards[n] = plan.TryOpen(n) ?? throw NoRoom(plan.Folder, "a file that was just written is not whole", null);
            }
            else
                progress?.WriteLine($"features of {manifest.Count} videos: kept in {plan.Folder}");
            return shards.Sum(s => s!.Samples.Length) > 0
                ? new(manifest, views.Count, shards!)
                : throw new BadInputException($"none of the {manifest.Count} videos can be read, such as {manifest[0].Path}");
        }
        catch
        {
            foreach (var shard in shards)
                shard?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Several ranks compute what rank 0 does not keep yet, each its part, and rank 0 keeps it; there <see cref="Get"/> finds it
    /// afterwards. All ranks make this call.
    /// </summary>
    /// <inheritdoc cref="Get"/>
    /// <param name="encoder">The network.</param>
    /// <param name="manifest">The videos.</param>
    /// <param name="views">Which views of each.</param>
    /// <param name="kind">What is kept of a clip.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="ranks">Who computes.</param>
    /// <param name="stop">Ends it early; whole stretches stay.</param>
    public void Fill(FrozenEncoder encoder, Manifest manifest, TestViews views, FeatureKind kind, Device device, Ranks ranks, CancellationToken stop = default)
    {
        var (plan, key) = PlanOf(encoder, manifest, views, kind);
        var here = ranks.IsFirst ? string.Join(',', plan.Numbers.Where(n => !plan.IsThere(n))) : "";
        int[] missing = [.. ranks.Gather(here)[0].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        if (missing.Length == 0)
            return;
        if (ranks.IsFirst)
            Prepare(plan, key, missing);
        Compute(encoder, manifest, views, kind, device, plan, missing, ranks, stop);
    }

    private (Plan Plan, FeatureKey Key) PlanOf(FrozenEncoder encoder, Manifest manifest, TestViews views, FeatureKind kind)
    {
        var key = FeatureKey.Of(encoder, manifest, views, kind);
        var bytes = BytesOf(encoder.Encoder.Shape, views, kind);
        var length = (int)Math.Clamp(MostBytes / bytes, 1, MostVideos);
        return (new(Path.Combine(root, key.Hash()[..24]), key.Hash(), length, manifest.Count, views.Count, bytes), key);
    }

    private static void Prepare(Plan plan, FeatureKey key, int[] missing)
    {
        var needed = plan.Bytes * missing.Sum(n => plan.Range(n).Length);
        try
        {
            Directory.CreateDirectory(plan.Folder);
            var free = new DriveInfo(plan.Folder).AvailableFreeSpace;
            if (free < needed)
                throw new IOException(FormattableString.Invariant($"they take {needed / 1e9:0.###} GB, and {free / 1e9:0.###} GB are free"));
            WholeFile.WriteText(Path.Combine(plan.Folder, "key.json"), JsonSerializer.Serialize(key, ReadableJson.Options) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NoRoom(plan.Folder, e.Message, e);
        }
    }

    private void Compute(
        FrozenEncoder encoder, Manifest manifest, TestViews views, FeatureKind kind, Device device, Plan plan, int[] missing, Ranks ranks, CancellationToken stop)
    {
        encoder.MoveTo(device);
        var all = missing.Sum(n => plan.Range(n).Length);
        int[] wanted = [.. missing.SelectMany(n => Share(plan.Range(n), ranks))];
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
                    stretch.Write(plan, missing[next++], ranks);
                stretch.Add(F.Narrow(features, 0, (long)i * views.Count, views.Count), sample);
            }
            var tenths = 10 * (batch[^1] + 1) / wanted.Length;
            if (tenths > told)
                progress?.WriteLine($"features: {(long)(batch[^1] + 1) * all / wanted.Length} of {all} videos");
            told = tenths;
        }
        while (next < missing.Length)
            stretch.Write(plan, missing[next++], ranks);
        new SharedRun(ranks).Share(clips.Unreadable);
        foreach (var video in clips.Unreadable.List)
            progress?.WriteLine($"left out, cannot be read: {video.Path}: {video.Reason}");
    }

    /// <summary>This rank's part of a stretch: a part of its own, so that the parts in the order of the ranks are the stretch.</summary>
    private static int[] Share(int[] stretch, Ranks ranks) =>
        stretch[(int)((long)stretch.Length * ranks.Rank / ranks.Count)..(int)((long)stretch.Length * (ranks.Rank + 1) / ranks.Count)];

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

    private static Exception NoRoom(string folder, string why, Exception? inner)
    {
        var message = $"the features cannot be kept in {folder}: {why.TrimEnd('.')}. Make room there, or name another place with --cache";
        return inner is UnauthorizedAccessException ? new BadInputException(message, inner) : new IOException(message, inner);
    }

    /// <summary>How a list is cut into stretches, where their files are, and how many bytes a video takes.</summary>
    private sealed record Plan(string Folder, string Key, int Length, int Videos, int Views, long Bytes)
    {
        public IEnumerable<int> Numbers => Enumerable.Range(0, (Videos + Length - 1) / Length);

        public int End(int number) => Math.Min((number + 1) * Length, Videos);

        public int[] Range(int number) => [.. Enumerable.Range(number * Length, End(number) - number * Length)];

        public string File(int number) => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{number:00000}.safetensors"));

        public bool IsThere(int number)
        {
            using var shard = TryOpen(number);
            return shard is not null;
        }

        public FeatureShard? TryOpen(int number) => FeatureShard.TryOpen(File(number), Key, Views, Bytes, number * Length, End(number));
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

        /// <summary>Keeps what all ranks computed for it, and begins the next.</summary>
        public void Write(Plan plan, int number, Ranks ranks)
        {
            using var scope = new TensorScope();
            var features = ranks.GatherRows(parts.Count > 0 ? F.Cat([.. parts], 0) : Tensor.Empty([0, .. RowShape(shape, kind)], TypeOf(kind)));
            var places = ranks.GatherRows(Tensor.From([.. samples.Select(s => (long)s)], samples.Count));
            try
            {
                if (ranks.IsFirst)
                    FeatureShard.Write(plan.File(number), plan.Key, features, places);
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

using System.Globalization;
using Sigma.Media;

namespace Sigma.Data.Synthesis;

/// <summary>
/// Renders a labelled set into a folder: H.264 files in <c>train/CLASS/</c> and <c>val/CLASS/</c>, and the lists
/// <c>train.txt</c> and <c>val.txt</c> with a path relative to the list and a label (the place of the class among the
/// names in ordinal order) on each line.
/// </summary>
/// <param name="preset">what to render</param>
/// <param name="clips">training clips; <see cref="ValidationClips"/> come on top</param>
/// <param name="seed">the same seed gives the same frames</param>
public sealed class SynthesisSet(SynthesisPreset preset, int clips, long seed)
{
    private const double FrameRate = 12;

    // One thread an encoder keeps the bytes of a file independent of the machine's cores; clips run side by side instead.
    private static readonly VideoWriterOptions Encoding = new() { Crf = 18, KeyFrameInterval = 12, Preset = "veryfast", Threads = 1 };

    /// <summary>Training clips.</summary>
    public int TrainingClips { get; } = clips >= preset.Classes.Count
        ? clips
        : throw new BadInputException($"{clips} clips are too few: {preset.Name} has {preset.Classes.Count} classes, each needs one at least");

    /// <summary>Validation clips: one for every four training clips, rounded up to as many for each class.</summary>
    public int ValidationClips { get; } = preset.Classes.Count * (int)Math.Ceiling(clips / (4.0 * preset.Classes.Count));

    /// <summary>Renders every clip; a set rendered into the folder before is replaced.</summary>
    /// <param name="folder">where; it is made if it does not exist</param>
    /// <param name="progress">told the number of clips written so far, from any thread; null for silence</param>
    /// <param name="cancellation">stops between two clips</param>
    /// <exception cref="BadInputException">the folder holds something else than an earlier set, or cannot be written to</exception>
    /// <exception cref="MediaException">a file cannot be encoded or written</exception>
    public void Write(string folder, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var place = new SynthesisFolder(folder);
        place.Clear();
        place.Begin(preset, TrainingClips, ValidationClips, seed);
        var written = 0;
        var work = Clips(SynthesisPart.Train, TrainingClips).Concat(Clips(SynthesisPart.Val, ValidationClips));
        var threads = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        foreach (var name in preset.Classes)
        {
            Directory.CreateDirectory(Path.Combine(folder, "train", name));
            Directory.CreateDirectory(Path.Combine(folder, "val", name));
        }
        Parallel.ForEach(work, threads, clip =>
        {
            Encode(clip.Part, clip.Index, Path.Combine(folder, PathOf(clip.Part, clip.Index)));
            progress?.Invoke(Interlocked.Increment(ref written));
        });
        WriteList(folder, SynthesisPart.Train, TrainingClips);
        WriteList(folder, SynthesisPart.Val, ValidationClips);
    }

    private static IEnumerable<(SynthesisPart Part, int Index)> Clips(SynthesisPart part, int count) =>
        Enumerable.Range(0, count).Select(index => (part, index));

    /// <summary><c>train/dots/dots-0003.mp4</c>: part, class, and the how-manieth of its class.</summary>
    private string PathOf(SynthesisPart part, int index)
    {
        var name = preset.Classes[index % preset.Classes.Count];
        return string.Create(CultureInfo.InvariantCulture, $"{FolderOf(part)}/{name}/{name}-{index / preset.Classes.Count:D4}.mp4");
    }

    private void Encode(SynthesisPart part, int index, string path)
    {
        using var writer = new VideoWriter(path, preset.Size, preset.Size, FrameRate, Encoding);
        foreach (var frame in preset.Render(seed, part, index))
            writer.Write(frame);
        writer.Finish();
    }

    private void WriteList(string folder, SynthesisPart part, int count)
    {
        var lines = Clips(part, count).Select(clip =>
            string.Create(CultureInfo.InvariantCulture, $"{PathOf(part, clip.Index)} {clip.Index % preset.Classes.Count}"));
        WholeFile.WriteLines(Path.Combine(folder, FolderOf(part) + ".txt"), lines);
    }

    private static string FolderOf(SynthesisPart part) => part == SynthesisPart.Train ? "train" : "val";
}

using System.Globalization;
using Sigma.Media;

namespace Sigma.Data.Synthesis;

/// <summary>
/// Renders videos of things that swing a known number of times, laid out as UCFRep: what counting is tried on without a
/// download.
/// </summary>
/// <param name="videos">training videos; a quarter as many come on top for validation</param>
/// <param name="seed">the same seed gives the same frames</param>
public sealed class RepetitionSet(int videos, long seed)
{
    /// <summary>What it is called on the command line.</summary>
    public const string Preset = "repetitions";

    /// <summary>Training videos unless told otherwise.</summary>
    public const int DefaultVideos = 240;

    /// <summary>Height and width of the frames, pixels.</summary>
    public const int Size = 64;

    private const double FrameRate = 12;
    private const string Class = "Swing";
    private static readonly VideoWriterOptions Encoding = new() { Crf = 18, KeyFrameInterval = 12, Preset = "veryfast", Threads = 1 };

    /// <summary>Training videos.</summary>
    public int TrainingVideos { get; } = videos > 0 ? videos : throw new BadInputException(FormattableString.Invariant($"{videos} videos make no set"));

    /// <summary>Validation videos: one for every four, rounded up.</summary>
    public int ValidationVideos => (TrainingVideos + 3) / 4;

    /// <summary>Writes <c>UCF-101/Swing</c>, and <c>annotations</c> with <c>repetition_label</c>, <c>train</c> and <c>val</c>.</summary>
    /// <param name="folder">where; it is made</param>
    /// <param name="cancellation">stops between two videos</param>
    /// <exception cref="MediaException">a file cannot be encoded or written</exception>
    public void Write(string folder, CancellationToken cancellation = default)
    {
        var (files, labels) = (Made(folder, "UCF-101", Class), Made(folder, "annotations", "repetition_label"));
        var lists = new[] { ("train", TrainingVideos), ("val", ValidationVideos) }
            .SelectMany(part => Enumerable.Range(0, part.Item2).Select(index => (Part: part.Item1, Index: index))).ToArray();
        var lines = new string[lists.Length];
        Made(folder, "annotations", "train");
        Made(folder, "annotations", "val");
        var threads = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.For(0, lists.Length, threads, i =>
        {
            var (part, index) = lists[i];
            var random = new CounterRandom(seed, (int)(part == "train" ? SynthesisPart.Train : SynthesisPart.Val), index, Purpose.Synthesis);
            const int counts = RepetitionScene.Most - RepetitionScene.Fewest + 1;
            var scene = RepetitionScene.Draw(RepetitionScene.Fewest + index % counts, Size, ref random);
            var name = string.Create(CultureInfo.InvariantCulture, $"v_{Class}_{part}_{index:D4}");
            Write(scene, Path.Combine(files, name + ".mp4"));
            // The published splits are told by the names of files that nobody reads; frames count from 1.
            File.WriteAllBytes(Path.Combine(folder, "annotations", part, name + ".mat"), []);
            lines[i] = $"{name}\n{string.Join(' ', scene.Bounds.Select(bound => (bound + 1).ToString(CultureInfo.InvariantCulture)))}";
        });
        WholeFile.WriteLines(Path.Combine(labels, Class + ".txt"), lines);
    }

    private static void Write(RepetitionScene scene, string path)
    {
        var rgb = new byte[Size * Size * 3];
        using var writer = new VideoWriter(path, Size, Size, FrameRate, Encoding);
        for (var frame = 0; frame < scene.Frames; frame++)
        {
            scene.Render(frame, Size, rgb);
            writer.Write(rgb);
        }
        writer.Finish();
    }

    private static string Made(params string[] parts) => Directory.CreateDirectory(Path.Combine(parts)).FullName;
}

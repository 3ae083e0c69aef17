using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Sigma.Data.Synthesis;

namespace Sigma.Cli;

/// <summary><c>sigma data synth</c>: renders a labelled set of clips that needs no download.</summary>
public static class DataSynthCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var folder = new Option<string>("--out") { Required = true, HelpName = "DIR", Description = "Folder for the set: new, empty, or holding an earlier set, which is replaced." };
        var preset = new Option<string>("--preset") { HelpName = "NAME", DefaultValueFactory = _ => SynthesisPreset.MotionEight.Name, Description = $"What to render: {string.Join(", ", SynthesisPreset.All.Select(p => p.Name))}, or {ObjectSet.Preset}: moving objects with their masks, laid out as DAVIS-2017, or {RepetitionSet.Preset}: things that swing a known number of times, laid out as UCFRep (for both the folder must be new)." };
        var clips = new Option<int?>("--clips") { HelpName = "N", Description = $"Training clips ({string.Join(", ", SynthesisPreset.All.Select(p => $"{p.Name}: {p.Clips}"))}); a quarter as many come on top for validation. Of {ObjectSet.Preset}, videos ({ObjectSet.DefaultVideos}); of {RepetitionSet.Preset}, training videos ({RepetitionSet.DefaultVideos})." };
        var seed = new Option<long>("--seed") { HelpName = "N", Description = "The same seed renders the same frames.", DefaultValueFactory = _ => 0 };
        var command = new Command("synth", "Renders a labelled set of short clips as H.264 files, in class folders and in lists.") { folder, preset, clips, seed };
        command.SetAction(parsed =>
        {
            using var signals = new StopSignals();
            if (parsed.GetValue(preset) == ObjectSet.Preset)
                RenderObjects(parsed.GetValue(folder)!, parsed.GetValue(clips) ?? ObjectSet.DefaultVideos, parsed.GetValue(seed), signals.Token);
            else if (parsed.GetValue(preset) == RepetitionSet.Preset)
                RenderRepetitions(parsed.GetValue(folder)!, parsed.GetValue(clips) ?? RepetitionSet.DefaultVideos, parsed.GetValue(seed), signals.Token);
            else
                Render(SynthesisPreset.Named(parsed.GetValue(preset)!), parsed.GetValue(folder)!, parsed.GetValue(clips), parsed.GetValue(seed), signals.Token);
            return 0;
        });
        return command;
    }

    private static void Render(SynthesisPreset preset, string folder, int? clips, long seed, CancellationToken cancellation)
    {
        var set = new SynthesisSet(preset, clips ?? preset.Clips, seed);
        var all = set.TrainingClips + set.ValidationClips;
        var clock = Stopwatch.StartNew();
        var step = Console.IsErrorRedirected ? Math.Max(1, all / 4) : 20;
        set.Write(folder, written =>
        {
            if (written % step == 0 || written == all)
                Console.Error.Write(Console.IsErrorRedirected ? $"{written} of {all} clips\n" : $"\r{written} of {all} clips");
        }, cancellation);
        if (!Console.IsErrorRedirected)
            Console.Error.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{folder}: {set.TrainingClips} training and {set.ValidationClips} validation clips, {preset.Classes.Count} classes ({string.Join(", ", preset.Classes)}), in {clock.Elapsed.TotalSeconds:F1} s"));
    }

    private static void RenderRepetitions(string folder, int videos, long seed, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var made = new NewOutput(folder);
        var set = new RepetitionSet(videos, seed);
        set.Write(made.Path, cancellation);
        made.Finish();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{folder}: {set.TrainingVideos} training and {set.ValidationVideos} validation videos, laid out as UCFRep, in {clock.Elapsed.TotalSeconds:F1} s"));
    }

    private static void RenderObjects(string folder, int videos, long seed, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var made = new NewOutput(folder);
        new ObjectSet(videos, seed).Write(made.Path, cancellation);
        made.Finish();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{folder}: {videos} videos of {ObjectSet.Frames} frames with masks, laid out as DAVIS-2017, in {clock.Elapsed.TotalSeconds:F1} s"));
    }
}

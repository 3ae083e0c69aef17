using System.CommandLine;
using Sigma.Data.Sets;

namespace Sigma.Cli;

/// <summary><c>sigma data scan NAME --root DIR</c>: checks an unpacked data set against what is published, and writes lists of it.</summary>
internal static class DataScanCommand
{
    private const int Shown = 3;

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = $"the set: {string.Join(", ", DataSetLayout.All.Select(l => l.Name))}" };
        var root = new Option<string>("--root") { HelpName = "DIR", Required = true, Description = "where it was unpacked" };
        var split = new Option<string[]>("--split") { HelpName = "SPLIT", Description = "one of its splits; may be repeated (else all whose annotation is there)", DefaultValueFactory = _ => [] };
        var frames = new Option<int>("--frames") { HelpName = "N", Description = "videos with fewer frames are called short", DefaultValueFactory = _ => 16 };
        var output = new Option<string?>("--out") { HelpName = "DIR", Description = "receives a list of what can be used, one a split, as --data takes it" };
        var json = CommonOptions.Json();
        var command = new Command("scan", "Checks a data set: counts, missing, unreadable and short files, duplicate names, classes.") { name, root, split, frames, output, json };
        command.SetAction(arguments =>
        {
            var layout = DataSetLayout.Named(arguments.GetValue(name)!);
            var folder = arguments.GetValue(root)!;
            if (arguments.GetValue(output) is { } lists)
                CommonOptions.MakeFolder(lists);
            using var signals = new StopSignals();
            var facts = new List<SplitFacts>();
            foreach (var set in Read(layout, folder, arguments.GetValue(split)!))
            {
                var scan = Scan(set, arguments.GetValue(frames), signals.Token);
                var list = arguments.GetValue(output) is { } target ? DataSetManifest.Write(set, scan.Usable, target) : null;
                Show(scan, arguments.GetValue(frames), list);
                facts.Add(SplitFacts.Of(scan, list));
            }
            if (arguments.GetValue(json) is { } file)
                JsonFile.Write(file, new Facts(layout.Name, layout.Title, folder, arguments.GetValue(frames), layout.Classes, facts));
            return 0;
        });
        return command;
    }

    /// <summary>The splits asked for; else all whose annotation is there, at least one.</summary>
    private static List<DataSet> Read(DataSetLayout layout, string root, string[] splits)
    {
        if (splits.Length > 0)
            return [.. splits.Select(s => layout.Read(root, s))];
        var (sets, missing) = (new List<DataSet>(), new List<AnnotationMissingException>());
        foreach (var split in layout.Splits)
        {
            try
            {
                sets.Add(layout.Read(root, split.Name));
            }
            catch (AnnotationMissingException e)
            {
                missing.Add(e);
            }
        }
        if (sets.Count == 0)
            throw missing[0];
        foreach (var absent in missing)
            Console.Error.WriteLine($"left out: {absent.Message}");
        return sets;
    }

    private static DataSetScan Scan(DataSet set, int frames, CancellationToken stop)
    {
        var (looked, all) = (0, set.Entries.Count);
        var step = Console.IsErrorRedirected ? Math.Max(1000, all / 10) : 100;
        var scan = DataSetScan.Of(set, frames, () =>
        {
            var count = Interlocked.Increment(ref looked);
            if (count % step == 0)
                Console.Error.Write(Console.IsErrorRedirected ? $"{set.Split.Name}: {count} of {all}\n" : $"\r{set.Split.Name}: {count} of {all}");
        }, stop);
        if (!Console.IsErrorRedirected && all >= step)
            Console.Error.WriteLine();
        return scan;
    }

    private static void Show(DataSetScan scan, int frames, string? list)
    {
        var (set, layout) = (scan.Set, scan.Set.Layout);
        Console.WriteLine(FormattableString.Invariant($"{layout.Title}, {set.Split.Name}: {set.Entries.Count} entries (published {set.Split.Published})"));
        if (layout.Classes > 0)
            Console.WriteLine($"  classes     {Classes(scan)}");
        Tell("missing", [.. scan.Missing]);
        Tell("unreadable", [.. scan.Unreadable.Select(u => $"{u.Name}: {u.Reason}")]);
        if (layout.Kind != DataSetKind.Images)
            Tell("short", [.. scan.TooShort.Select(s => FormattableString.Invariant($"{s.Name}: {s.Frames} of {frames} frames"))]);
        Tell("duplicates", [.. scan.Duplicates]);
        if (list is not null)
            Console.WriteLine(FormattableString.Invariant($"  written     {list}: {scan.Usable.Count} entries"));
    }

    private static string Classes(DataSetScan scan)
    {
        var (fewest, most) = (scan.Histogram.MinBy(h => h.Value), scan.Histogram.MaxBy(h => h.Value));
        return FormattableString.Invariant(
            $"{scan.Set.Classes.Count} (published {scan.Set.Layout.Classes}), {scan.Histogram.Count(h => h.Value > 0)} of them here, from {fewest.Value} ({fewest.Key}) to {most.Value} ({most.Key}) entries");
    }

    private static void Tell(string what, string[] entries)
    {
        Console.WriteLine(FormattableString.Invariant($"  {what,-11} {entries.Length}"));
        foreach (var entry in entries.Take(Shown))
            Console.WriteLine($"              {entry}");
        if (entries.Length > Shown)
            Console.WriteLine("              …, all in --json FILE");
    }

    /// <param name="Name">The set.</param>
    /// <param name="Title">As it is published.</param>
    /// <param name="Root">Where it was unpacked.</param>
    /// <param name="Frames">Frames below which a video is short.</param>
    /// <param name="PublishedClasses">Classes it is published with.</param>
    /// <param name="Splits">What was found.</param>
    private sealed record Facts(string Name, string Title, string Root, int Frames, int PublishedClasses, IReadOnlyList<SplitFacts> Splits);

    /// <param name="Split">Its name.</param>
    /// <param name="Entries">As the annotation lists them.</param>
    /// <param name="Published">Entries it is published with.</param>
    /// <param name="Classes">Classes the annotation names.</param>
    /// <param name="Missing">Entries without a file.</param>
    /// <param name="Unreadable">Entries whose file is broken.</param>
    /// <param name="TooShort">Entries with too few frames.</param>
    /// <param name="Duplicates">Names listed more than once.</param>
    /// <param name="Histogram">Entries of every class.</param>
    /// <param name="Usable">Entries in the list.</param>
    /// <param name="Manifest">The list, if one was written.</param>
    private sealed record SplitFacts(
        string Split, int Entries, int Published, int Classes, IReadOnlyList<string> Missing, IReadOnlyList<UnusableEntry> Unreadable,
        IReadOnlyList<ShortEntry> TooShort, IReadOnlyList<string> Duplicates, IReadOnlyDictionary<string, int> Histogram, int Usable, string? Manifest)
    {
        public static SplitFacts Of(DataSetScan scan, string? list) => new(
            scan.Set.Split.Name, scan.Set.Entries.Count, scan.Set.Split.Published, scan.Set.Classes.Count, scan.Missing, scan.Unreadable,
            scan.TooShort, scan.Duplicates, scan.Histogram, scan.Usable.Count, list);
    }
}

using System.CommandLine;
using Sigma.Data;
using Sigma.Data.Sets;

namespace Sigma.Cli;

/// <summary><c>sigma data split PATH --out DIR</c>: parts labelled videos in training and validation, class by class.</summary>
internal static class DataSplitCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "labelled videos or pictures: a folder with a sub-folder for each class, a list of path and label, or a CSV with a header" };
        var output = CommonOptions.Out("receives train.txt and val.txt");
        var share = new Option<double>("--share") { HelpName = "S", Description = "the part of every class that is for validation", DefaultValueFactory = _ => 0.2 };
        var seed = new Option<long>("--seed") { HelpName = "N", Description = "of the draw" };
        var command = new Command("split", "Parts labelled videos in training and validation, the same share of every class.") { path, output, share, seed };
        command.SetAction(arguments =>
        {
            var part = arguments.GetValue(share);
            if (part is not (> 0 and < 1))
                throw new BadInputException(FormattableString.Invariant($"--share is {part}, but must be greater than 0 and less than 1"));
            var manifest = Manifest.Load(arguments.GetValue(path)!, labels: true, pictures: true);
            var (train, validation) = StratifiedSplit.Of([.. Enumerable.Range(0, manifest.Count).Select(i => manifest[i].Label!.Value)], part, arguments.GetValue(seed));
            if (validation.Length == 0)
                throw new BadInputException($"{arguments.GetValue(path)} has no class with two entries: there is nothing to part");
            var folder = CommonOptions.MakeFolder(arguments.GetValue(output)!);
            Write(manifest, train, folder, "train.txt");
            Write(manifest, validation, folder, "val.txt");
            return 0;
        });
        return command;
    }

    private static void Write(Manifest manifest, int[] entries, string folder, string name)
    {
        var list = Path.Combine(folder, name);
        WholeFile.WriteLines(list, entries.Select(i => DataSetManifest.Line(Path.GetRelativePath(folder, manifest[i].Path), manifest.Classes[manifest[i].Label!.Value])));
        Console.WriteLine(FormattableString.Invariant($"{list}: {entries.Length} entries"));
    }
}

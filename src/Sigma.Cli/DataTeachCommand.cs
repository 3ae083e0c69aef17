using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Sigma.Recipes;
using Sigma.Targets;

namespace Sigma.Cli;

/// <summary><c>sigma data teach</c>: a teacher's tokens for every clip, made once ahead of training.</summary>
internal static class DataTeachCommand
{
    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "the recipe whose teacher and clips are meant; see recipes/" };
        var data = CommonOptions.Data();
        var set = CommonOptions.Set();
        var device = CommonOptions.DeviceName();
        var command = new Command("teach", "Runs a recipe's teacher over every clip once and keeps its tokens beside the list of videos, where training finds them.") { recipe, data, set, device };
        command.SetAction(arguments =>
        {
            var settings = Recipe.Load(ShippedRecipes.Find(arguments.GetValue(recipe)!), arguments.GetValue(set));
            var maker = new TokenMaker(settings, arguments.GetValue(data)!, CommonOptions.Device(arguments.GetValue(device)!));
            using var signals = new StopSignals();
            var clock = Stopwatch.StartNew();
            var said = TimeSpan.Zero;
            var (folder, taught, interrupted) = maker.Run((done, all) =>
            {
                if (clock.Elapsed - said < TimeSpan.FromSeconds(Console.IsErrorRedirected ? 10 : 0.5) && done < all)
                    return;
                said = clock.Elapsed;
                Console.Error.Write(Console.IsErrorRedirected ? $"{done} of {all} videos\n" : $"\r{done} of {all} videos");
            }, signals.Token);
            if (!Console.IsErrorRedirected)
                Console.Error.WriteLine();
            foreach (var video in maker.Unreadable.List)
                Console.Error.WriteLine($"cannot be read: {video.Path}: {video.Reason}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: tokens of {taught} videos made in {clock.Elapsed.TotalSeconds:F1} s{(interrupted ? "; interrupted, the next call goes on from here" : "")}"));
            return interrupted ? ExitCodes.Interrupted : 0;
        });
        return command;
    }
}

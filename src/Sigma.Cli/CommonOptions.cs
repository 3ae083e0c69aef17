using System.CommandLine;
using System.Globalization;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary>Options that several commands share, each with one wording.</summary>
internal static class CommonOptions
{
    public static Option<string> Data() => new("--data")
    {
        Description = "a folder, searched to any depth for videos, or a list with one path a line, or a CSV with a header",
        Required = true,
    };

    public static Option<string> Out(string what) => new("--out") { Description = what, Required = true };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "overrides a key of the recipe, as optimizer.lr=1e-3; may be repeated",
        DefaultValueFactory = _ => [],
    };

    public static Option<long?> RecipeSeed() => new("--seed") { HelpName = "N", Description = "overrides the recipe's seed" };

    public static Option<long?> MaxSteps() => new("--max-steps") { HelpName = "N", Description = "end here, saved, without changing the schedule" };

    public static Option<bool> Resume() => new("--resume") { Description = "continue from the newest whole checkpoint in the run's folder" };

    public static Option<string> DeviceName() => new("--device")
    {
        Description = "auto (a GPU where there is one), cpu, cuda or cuda:N",
        DefaultValueFactory = _ => "auto",
    };

    public static Option<string?> Json() => File("--json", "writes the same facts to this file, for machines");

    /// <summary>An option for a file to write at the end: that it can be, shows before the work starts.</summary>
    public static Option<string?> File(string name, string what)
    {
        var option = new Option<string?>(name) { HelpName = "FILE", Description = what };
        option.Validators.Add(result =>
        {
            // Of several ranks the first writes.
            if (result.GetValueOrDefault<string?>() is not { Length: > 0 } path || RankPlace.FromEnvironment() is { Rank: > 0 })
                return;
            if (Directory.Exists(path))
                result.AddError($"{name} {path} is a folder, but a file's name is wanted");
            else if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
                result.AddError($"{name} {path} cannot be written: there is no folder {folder}");
        });
        return option;
    }

    /// <summary>What <c>--set</c> and <c>--seed</c> override of a recipe.</summary>
    public static IReadOnlyList<string> Overrides(string[] set, long? seed) =>
        seed is { } number ? [.. set, string.Create(CultureInfo.InvariantCulture, $"seed={number}")] : set;

    /// <summary>The value of an option that counts something, which may be absent.</summary>
    /// <exception cref="BadInputException">It is less than <paramref name="least"/>.</exception>
    public static T? AtLeast<T>(int least, Option<T> option, ParseResult arguments)
    {
        var value = arguments.GetValue(option);
        return value is not null && Convert.ToInt64(value, CultureInfo.InvariantCulture) < least
            ? throw new BadInputException(FormattableString.Invariant($"{option.Name} is {value}, but must be at least {least}"))
            : value;
    }

    /// <summary>Lets an option have some values only.</summary>
    public static void TakesOneOf<T>(this Option<T> option, params string[] choices)
    {
        option.CompletionSources.Add(choices);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !choices.Contains(given))
                result.AddError($"{option.Name} is {given}, but must be one of {string.Join(", ", choices)}{(NearestWord.To(given, choices) is { } near ? $"; did you mean {near}?" : "")}");
        });
    }

    /// <summary>Makes a folder that results go to, unless it is there.</summary>
    /// <returns>Its full path.</returns>
    /// <exception cref="BadInputException">It cannot be made.</exception>
    public static string MakeFolder(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(path, failure);
        }
    }

    /// <summary>
    /// The device a person named, with all cores put to work where it is the CPU. Of several ranks on a machine with GPUs,
    /// each takes its own.
    /// </summary>
    public static Device Device(string name)
    {
        Engine.Threads = Environment.ProcessorCount;
        var device = Torch.Device.Parse(name);
        return name is "auto" or "cuda" && device.IsCuda && RankPlace.FromEnvironment() is { } place
            ? Torch.Device.Cuda(place.LocalRank % Engine.CudaDevices)
            : device;
    }

    /// <summary>Refuses to be one of several ranks, for a command that would only be done as often as there are.</summary>
    /// <param name="command">Its name.</param>
    public static void RequireAlone(string command)
    {
        if (RankPlace.FromEnvironment() is { Size: > 1 })
            throw new BadInputException($"sigma {command} runs on one rank: start it by itself, without sigma launch, srun or torchrun");
    }

    /// <summary>
    /// Does a command's work on the ranks that the environment names, or alone. Where one rank fails, all end with its
    /// message and exit code.
    /// </summary>
    public static int OnRanks(string deviceName, Func<Ranks, Device, int> work)
    {
        var device = Device(deviceName);
        using var ranks = Ranks.Join(device);
        return ranks.Do(ExitCodes.Of, () => work(ranks, device));
    }
}

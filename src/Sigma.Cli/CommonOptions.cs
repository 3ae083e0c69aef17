using System.CommandLine;
using Sigma.Torch;

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

    public static Option<string> DeviceName() => new("--device")
    {
        Description = "auto (a GPU where there is one), cpu, cuda or cuda:N",
        DefaultValueFactory = _ => "auto",
    };

    public static Option<string?> Json() => new("--json") { Description = "writes the same facts to this file, for machines" };

    /// <summary>The device a person named, with all cores put to work where it is the CPU.</summary>
    public static Device Device(string name)
    {
        Engine.Threads = Environment.ProcessorCount;
        return Torch.Device.Parse(name);
    }
}

using System.Text.Json;

namespace Sigma.Tests;

/// <summary>The golden values: the folder named by SIGMA_FIXTURES, else tests/fixtures of the repository.</summary>
internal static class Fixtures
{
    internal static string Folder { get; } =
        Environment.GetEnvironmentVariable("SIGMA_FIXTURES") is { Length: > 0 } named ? named : InRepository();

    internal static JsonElement Json(string name)
    {
        var path = Path.Combine(Folder, name);
        Skip.IfNot(File.Exists(path), $"no {name} in {Folder}");
        return JsonDocument.Parse(File.ReadAllText(path)).RootElement;
    }

    private static string InRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sigma.slnx")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? ".", "tests", "fixtures");
    }
}

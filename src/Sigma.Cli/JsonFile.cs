using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sigma.Cli;

/// <summary>What <c>--json</c> writes: a command's facts for machines, under their name only when whole.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write<T>(string path, T facts)
    {
        var partial = path + ".partial";
        File.WriteAllText(partial, JsonSerializer.Serialize(facts, Options) + "\n");
        File.Move(partial, path, overwrite: true);
    }
}

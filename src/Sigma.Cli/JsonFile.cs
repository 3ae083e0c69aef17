using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sigma.Cli;

/// <summary>What <c>--json</c> writes: a command's facts for machines, under their name only when whole.</summary>
internal static class JsonFile
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write<T>(string path, T facts) => WholeFile.WriteText(path, JsonSerializer.Serialize(facts, Options) + "\n");
}

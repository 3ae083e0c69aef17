using System.Text.Json;

namespace Sigma;

/// <summary>How what people read too is written as JSON: in lines, names in camel case.</summary>
internal static class ReadableJson
{
    /// <summary>For writing and reading.</summary>
    public static JsonSerializerOptions Options { get; } = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
}

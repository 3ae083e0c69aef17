using System.Security.Cryptography;
using System.Text;

namespace Sigma;

/// <summary>SHA-256 in hexadecimal: what weights, recipes and records are known by.</summary>
internal static class ContentHash
{
    /// <summary>Of a text.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Of all bytes of a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

using System.Globalization;

namespace Sigma.Training.Report;

/// <summary>Writes shares for reading.</summary>
internal static class Percent
{
    /// <summary>A share in [0, 1].</summary>
    public static string Of(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    /// <summary>A share with its interval in brackets.</summary>
    public static string Of(double share, double low, double high) =>
        string.Create(CultureInfo.InvariantCulture, $"{Of(share)} ({100 * low:0.0} to {100 * high:0.0})");
}

using System.Globalization;

namespace Sigma.Data;

/// <summary>More videos cannot be read than the recipe allows, or none can.</summary>
public sealed class TooManyUnreadableException : Exception
{
    private const int Shown = 5;

    /// <param name="unreadable">the videos by name, each once</param>
    /// <param name="entries">entries of the manifest that are such videos</param>
    /// <param name="count">entries of the manifest</param>
    /// <param name="limit">share of them that may be unreadable</param>
    internal TooManyUnreadableException(IReadOnlyList<UnreadableVideo> unreadable, int entries, int count, double limit)
        : base(Describe(unreadable, entries, count, limit)) => (Unreadable, Count, Limit) = (unreadable, count, limit);

    /// <summary>The videos that could not be read.</summary>
    public IReadOnlyList<UnreadableVideo> Unreadable { get; }

    /// <summary>Videos in the manifest.</summary>
    public int Count { get; }

    /// <summary>Share of them that may be unreadable (<c>data.unreadableLimit</c>).</summary>
    public double Limit { get; }

    private static string Describe(IReadOnlyList<UnreadableVideo> unreadable, int entries, int count, double limit)
    {
        var names = string.Concat(unreadable.Take(Shown).Select(video => $"\n  {video.Path}: {video.Reason}"))
            + (unreadable.Count > Shown ? string.Create(CultureInfo.InvariantCulture, $"\n  and {unreadable.Count - Shown} more") : "");
        var head = entries == count
            ? string.Create(CultureInfo.InvariantCulture, $"None of the {count} videos can be read:")
            : string.Create(CultureInfo.InvariantCulture,
                $"{entries} of {count} videos cannot be read so far, more than the {limit:0.##%} that data.unreadableLimit allows:");
        var cure = entries == count
            ? "Check that these are videos FFmpeg can play."
            : "Repair them or take them off the data; or let the run go on without them with a larger share, such as --set data.unreadableLimit=0.5.";
        return $"{head}{names}\n{cure}";
    }
}

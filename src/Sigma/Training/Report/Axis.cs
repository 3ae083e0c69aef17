using System.Globalization;

namespace Sigma.Training.Report;

/// <summary>A range of values with ticks at round ones.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end, above the lower.</param>
/// <param name="Spacing">Between two ticks: 1, 2 or 5 times a power of ten.</param>
internal readonly record struct Axis(double Low, double High, double Spacing)
{
    /// <summary>An axis that holds all values from <paramref name="low"/> to <paramref name="high"/>.</summary>
    /// <param name="low">The lowest value, finite.</param>
    /// <param name="high">The highest value, finite.</param>
    /// <param name="ticks">About how many ticks.</param>
    /// <param name="whole">Ticks at whole numbers only.</param>
    public static Axis Covering(double low, double high, int ticks, bool whole = false)
    {
        var size = Math.Max(Math.Abs(low), Math.Abs(high));
        // A range this narrow is one value as far as an eye or a double can tell.
        if (high - low <= 1e-9 * size || high - low < 1e-30)
        {
            var margin = size < 1e-30 ? 1 : size * 0.05;
            if (whole)
                margin = Math.Max(margin, 1);
            (low, high) = (low - margin, high + margin);
        }
        var spacing = RoundUp((high - low) / ticks);
        return new Axis(low, high, whole ? Math.Max(spacing, 1) : spacing);
    }

    /// <summary>The axis with its ends moved out to ticks.</summary>
    public Axis ToTicks() => this with { Low = Math.Floor(Low / Spacing + 1e-9) * Spacing, High = Math.Ceiling(High / Spacing - 1e-9) * Spacing };

    /// <summary>The round values on the axis.</summary>
    public IEnumerable<double> Ticks()
    {
        var last = Math.Floor(High / Spacing + 1e-9);
        for (var i = Math.Ceiling(Low / Spacing - 1e-9); i <= last; i++)
            yield return i * Spacing;
    }

    /// <summary>Where a value lies, 0 at the lower end and 1 at the upper.</summary>
    public double Share(double value) => (value - Low) / (High - Low);

    /// <summary>A tick's value in as many figures as tell it from the next.</summary>
    public string Label(double tick)
    {
        var spacing = (int)Math.Floor(Math.Log10(Spacing) + 1e-9);
        var size = Math.Max(Math.Abs(Low), Math.Abs(High));
        if (Math.Abs(tick) < Spacing / 2)
            return "0";
        if (size is >= 1e-3 and < 1e6)
            return tick.ToString("F" + Math.Clamp(-spacing, 0, 12), CultureInfo.InvariantCulture);
        var figures = Math.Clamp((int)Math.Floor(Math.Log10(size)) - spacing, 0, 12);
        return tick.ToString("0." + new string('#', figures) + "e0", CultureInfo.InvariantCulture);
    }

    private static double RoundUp(double spacing)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(spacing)));
        return (spacing / power) switch { <= 1 + 1e-9 => 1, <= 2 + 1e-9 => 2, <= 5 + 1e-9 => 5, _ => 10 } * power;
    }
}

using System.Globalization;

namespace Sigma.Recipes;

/// <summary>One thing wrong with the values of a recipe, and the full keys it concerns, the likeliest culprit first.</summary>
internal sealed record Finding(string Message, params string[] Keys);

/// <summary>Collects what is wrong with a recipe's values, so that all of it is told at once.</summary>
internal sealed class Findings
{
    private readonly List<Finding> _all = [];

    public IReadOnlyList<Finding> All => _all;

    /// <summary>Adds a finding when <paramref name="wrong"/>.</summary>
    public void When(bool wrong, string message, params string[] keys)
    {
        if (wrong)
            _all.Add(new Finding(message, keys));
    }

    /// <summary>The value lies in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public void Between(string key, double value, double least, double most) =>
        When(!(value >= least && value <= most), $"is {Text(value)}, but must lie between {Text(least)} and {Text(most)}", key);

    /// <summary>The value lies in [<paramref name="least"/>, ∞).</summary>
    public void AtLeast(string key, double value, double least) =>
        When(!(value >= least), $"is {Text(value)}, but must be at least {Text(least)}", key);

    /// <summary>The value lies in (0, ∞).</summary>
    public void Positive(string key, double value) =>
        When(!(value > 0), $"is {Text(value)}, but must be greater than 0", key);

    /// <summary>A number as a person writes it, in invariant culture.</summary>
    public static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}

using Sigma.Torch;
using Xunit.Sdk;

namespace Sigma.Tests.Parity;

/// <summary>A file of golden values, and the comparison at the tolerances its README gives.</summary>
internal sealed class GoldenFile : IDisposable
{
    /// <summary>Values: relative to the largest magnitude of the tensor.</summary>
    public const double ValueTolerance = 1e-5;

    /// <summary>Gradients and stepped weights, which pass through more sums.</summary>
    public const double GradientTolerance = 1e-4;

    private readonly SafetensorsFile file;

    private GoldenFile(string path) => file = SafetensorsFile.Open(path);

    public IReadOnlyDictionary<string, string> Settings => file.Metadata;

    public IEnumerable<string> Names => file.Entries.Keys;

    /// <summary>The names of every file of a kind in the folder of golden values.</summary>
    public static TheoryData<string> OfKind(string kind)
    {
        var data = new TheoryData<string>();
        foreach (var path in Directory.GetFiles(Fixtures.Folder, "*.safetensors").Order(StringComparer.Ordinal))
        {
            using var file = SafetensorsFile.Open(path);
            if (file.Metadata.GetValueOrDefault("kind") == kind)
                data.Add(Path.GetFileName(path));
        }
        return data;
    }

    public static GoldenFile Open(string name) => new(Path.Combine(Fixtures.Folder, name));

    public Tensor this[string name] => file.Read(name);

    public bool Has(string name) => file.Entries.ContainsKey(name);

    public Dictionary<string, Tensor> Parameters() => file.ReadAll("param.");

    public int Int(string key) => int.Parse(Settings[key], System.Globalization.CultureInfo.InvariantCulture);

    public double Double(string key) => double.Parse(Settings[key], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Fails unless every element is within the tolerance, relative to the golden tensor's largest magnitude.</summary>
    public void Matches(string name, Tensor actual, double tolerance)
    {
        var golden = this[name];
        if (!golden.Shape.AsSpan().SequenceEqual(actual.Shape))
            throw new XunitException($"{name}: shape {actual} instead of {golden}");
        var (wanted, got) = (golden.ToArray<double>(), actual.ToArray<double>());
        var largest = wanted.Length == 0 ? 0 : wanted.Max(Math.Abs);
        var worst = 0.0;
        for (var i = 0; i < wanted.Length; i++)
            worst = Math.Max(worst, double.IsNaN(got[i]) ? double.PositiveInfinity : Math.Abs(got[i] - wanted[i]));
        if (worst > tolerance * largest)
            throw new XunitException($"{name}: differs by {worst:g3}, allowed {tolerance:g1} of {largest:g3}");
    }

    /// <summary>
    /// Compares a weight after AdamW's first step, which moves it by rate · g/(|g| + eps). Where |g| is near eps that is
    /// steep, and the rounding of the gradient itself (8 units in the last place of its tensor's largest value) shows
    /// magnified by the slope eps/(|g| + eps)²; so much is allowed on top, and vanishes for every larger gradient.
    /// </summary>
    public void StepMatches(string parameter, Tensor actual, double rate, double eps)
    {
        var (wanted, got, gradient) = (this[$"step.{parameter}"].ToArray<double>(), actual.ToArray<double>(), this[$"grad.{parameter}"].ToArray<double>());
        var (largest, rounding) = (wanted.Max(Math.Abs), 8 * Math.Pow(2, -24) * gradient.Max(Math.Abs));
        for (var i = 0; i < wanted.Length; i++)
        {
            var steepness = rate * eps / Math.Pow(Math.Abs(gradient[i]) + eps, 2);
            var allowed = GradientTolerance * largest + steepness * rounding;
            if (!(Math.Abs(got[i] - wanted[i]) <= allowed))
                throw new XunitException($"step.{parameter}[{i}]: {got[i]:g9} instead of {wanted[i]:g9}, allowed {allowed:g1}");
        }
    }

    /// <summary>
    /// Compares a tensor that was too large to keep by its stored [sum, sum of magnitudes, sum of squares]; the plain sum
    /// cancels, so its error is measured against the sum of magnitudes.
    /// </summary>
    public void SumsMatch(string name, Tensor actual, double tolerance)
    {
        var wanted = this[name].ToArray<double>();
        var values = actual.ToArray<double>();
        double[] got = [values.Sum(), values.Sum(Math.Abs), values.Sum(v => v * v)];
        double[] scale = [wanted[1], wanted[1], wanted[2]];
        for (var i = 0; i < 3; i++)
        {
            if (!(Math.Abs(got[i] - wanted[i]) <= tolerance * scale[i]))
                throw new XunitException($"{name}[{i}]: {got[i]:g9} instead of {wanted[i]:g9}");
        }
    }

    /// <summary>Integers must be equal, save where the two best scores of a row differ by less than 1e-5.</summary>
    public void LabelsMatch(string name, Tensor actual, string assignment)
    {
        var (wanted, got) = (this[name].ToArray<long>(), actual.ToArray<long>());
        var q = this[assignment];
        var (rows, width) = (q.ToArray<double>(), (int)q.Size(-1));
        Assert.Equal(wanted.Length, got.Length);
        for (var i = 0; i < wanted.Length; i++)
        {
            var row = rows.AsSpan(i * width, width);
            if (wanted[i] != got[i] && Math.Abs(row[(int)wanted[i]] - row[(int)got[i]]) >= 1e-5)
                throw new XunitException($"{name}[{i}]: {got[i]} instead of {wanted[i]}");
        }
    }

    public void Dispose() => file.Dispose();
}

namespace Sigma.Data.Augmentation;

/// <summary>Draws from the symmetric Beta distribution.</summary>
internal static class BetaDistribution
{
    /// <summary>A draw from Beta(α, α): g / (g + h) of two draws from Gamma(α).</summary>
    public static double Draw(double alpha, ref CounterRandom random)
    {
        var (g, h) = (Gamma(alpha, ref random), Gamma(alpha, ref random));
        return g + h > 0 ? g / (g + h) : 0.5;
    }

    /// <summary>A draw from Gamma(α, 1) (Marsaglia and Tsang 2000; below 1 by their power of a uniform draw).</summary>
    private static double Gamma(double alpha, ref CounterRandom random)
    {
        if (alpha < 1)
            return Gamma(alpha + 1, ref random) * Math.Pow(1 - random.NextDouble(), 1 / alpha);
        var d = alpha - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = random.NextGaussian();
            var v = Math.Pow(1 + c * x, 3);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < 0.5 * x * x + d - d * v + d * Math.Log(v))
                return d * v;
        }
    }
}

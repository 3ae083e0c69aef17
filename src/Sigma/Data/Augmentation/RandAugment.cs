using Sigma.Recipes;

namespace Sigma.Data.Augmentation;

/// <summary>RandAugment's operations, those whose strength grows with the magnitude (<c>inc1</c>).</summary>
internal enum AugmentationKind
{
    AutoContrast,
    Equalise,
    Invert,
    Rotate,
    Posterise,
    Solarise,
    SolariseAdd,
    Colour,
    Contrast,
    Brightness,
    Sharpness,
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
}

/// <summary>One operation as it was drawn for a clip.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Amount">
/// How much: degrees, bits that stay, a threshold, what is added, a factor, or a share of the side; unused by the first three.
/// </param>
internal readonly record struct AugmentationDraw(AugmentationKind Kind, double Amount);

/// <summary>
/// RandAugment (Cubuk et al. 2019) as published for video, <c>rand-m7-n4-mstd0.5-inc1</c>: n operations drawn with
/// replacement, each carried out half the time, at a magnitude drawn around m of 10. One draw serves all frames of a clip.
/// </summary>
internal sealed class RandAugment(AugmentationRecipe recipe)
{
    private const double Most = 10, Probability = 0.5;
    private const double Degrees = 30, Shear = 0.3, Translation = 0.45, Enhancement = 0.9, Added = 110;
    private static readonly int Kinds = Enum.GetValues<AugmentationKind>().Length;

    /// <summary>Draws the operations of a clip, in their order.</summary>
    /// <param name="random">the clip's stream for <see cref="Purpose.Augmentation"/></param>
    public List<AugmentationDraw> Draw(ref CounterRandom random)
    {
        var draws = new List<AugmentationDraw>(recipe.RandAugment);
        for (var i = 0; i < recipe.RandAugment; i++)
        {
            var kind = (AugmentationKind)random.NextInt(Kinds);
            if (random.NextDouble() >= Probability)
                continue;
            var magnitude = recipe.Magnitude;
            if (recipe.MagnitudeDeviation > 0)
                magnitude = Math.Clamp(magnitude + recipe.MagnitudeDeviation * random.NextGaussian(), 0, Most);
            draws.Add(new(kind, Amount(kind, magnitude / Most, ref random)));
        }
        return draws;
    }

    /// <summary>Carries out what was drawn on a clip [T, height, width, 3], in place.</summary>
    public static void Apply(IEnumerable<AugmentationDraw> draws, Span<byte> clip, FrameShape shape)
    {
        foreach (var (kind, amount) in draws)
        {
            for (var start = 0; start < clip.Length; start += shape.Bytes)
                Apply(kind, amount, clip.Slice(start, shape.Bytes), shape);
        }
    }

    /// <summary>The amount for a level in [0, 1]; what has a direction takes either one.</summary>
    private static double Amount(AugmentationKind kind, double level, ref CounterRandom random) => kind switch
    {
        AugmentationKind.Rotate => EitherWay(level * Degrees, ref random),
        AugmentationKind.Posterise => 4 - (int)(level * 4),
        AugmentationKind.Solarise => 256 - (int)(level * 256),
        AugmentationKind.SolariseAdd => (int)(level * Added),
        AugmentationKind.Colour or AugmentationKind.Contrast or AugmentationKind.Brightness or AugmentationKind.Sharpness =>
            1 + EitherWay(level * Enhancement, ref random),
        AugmentationKind.ShearX or AugmentationKind.ShearY => EitherWay(level * Shear, ref random),
        AugmentationKind.TranslateX or AugmentationKind.TranslateY => EitherWay(level * Translation, ref random),
        _ => 0,
    };

    private static double EitherWay(double value, ref CounterRandom random) => random.NextDouble() < 0.5 ? value : -value;

    private static void Apply(AugmentationKind kind, double amount, Span<byte> frame, FrameShape shape)
    {
        switch (kind)
        {
            case AugmentationKind.AutoContrast: Tones.AutoContrast(frame); break;
            case AugmentationKind.Equalise: Tones.Equalise(frame); break;
            case AugmentationKind.Invert: Tones.Map(frame, v => 255 - v); break;
            case AugmentationKind.Posterise: Tones.Posterise(frame, (int)amount); break;
            case AugmentationKind.Solarise: Tones.Map(frame, v => v < amount ? v : 255 - v); break;
            case AugmentationKind.SolariseAdd: Tones.Map(frame, v => v < 128 ? v + amount : v); break;
            case AugmentationKind.Brightness: Tones.Map(frame, v => v * amount); break;
            case AugmentationKind.Contrast: Tones.Contrast(frame, amount); break;
            case AugmentationKind.Colour: Tones.Colour(frame, amount); break;
            case AugmentationKind.Sharpness: Sharpness.Apply(frame, shape, amount); break;
            case AugmentationKind.Rotate: Warp.Rotate(frame, shape, amount); break;
            case AugmentationKind.ShearX: Warp.Apply(frame, shape, new(1, amount * shape.Stretch, 0, 0, 1, 0)); break;
            case AugmentationKind.ShearY: Warp.Apply(frame, shape, new(1, 0, 0, amount / shape.Stretch, 1, 0)); break;
            case AugmentationKind.TranslateX: Warp.Apply(frame, shape, new(1, 0, amount * shape.Width, 0, 1, 0)); break;
            case AugmentationKind.TranslateY: Warp.Apply(frame, shape, new(1, 0, 0, 0, 1, amount * shape.Height)); break;
        }
    }
}

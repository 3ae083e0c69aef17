using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Data.Augmentation;
using Sigma.Recipes;

namespace Sigma.Tests.Data.Augmentation;

[Trait("Category", "data")]
public sealed class RandAugmentTests
{
    private const int Size = 24;
    private static readonly FrameShape Square = new(Size, Size);
    private static readonly AugmentationKind[] Kinds = Enum.GetValues<AugmentationKind>();

    [Fact]
    public void The_same_stream_draws_the_same_operations_and_another_draws_others()
    {
        var augment = new RandAugment(new());
        List<AugmentationDraw> Draw(int sample)
        {
            var random = new CounterRandom(1, 2, sample, Purpose.Augmentation);
            return augment.Draw(ref random);
        }
        Assert.Equal(Draw(3), Draw(3));
        Assert.NotEqual(Enumerable.Range(0, 20).SelectMany(Draw), Enumerable.Range(20, 20).SelectMany(Draw));
    }

    [Fact]
    public void Amounts_stay_in_the_published_ranges() =>
        Prop.ForAll<PositiveInt, NonNegativeInt>((seed, magnitude) =>
        {
            var random = new CounterRandom(seed.Get, 0, 0, Purpose.Augmentation);
            var draws = new RandAugment(new() { RandAugment = 8, Magnitude = magnitude.Get % 11 }).Draw(ref random);
            return draws.Count <= 8 && draws.TrueForAll(d => d.Kind switch
            {
                AugmentationKind.Rotate => Math.Abs(d.Amount) <= 30,
                AugmentationKind.Posterise => d.Amount is >= 0 and <= 4,
                AugmentationKind.Solarise => d.Amount is >= 0 and <= 256,
                AugmentationKind.SolariseAdd => d.Amount is >= 0 and <= 110,
                AugmentationKind.Colour or AugmentationKind.Contrast or AugmentationKind.Brightness or AugmentationKind.Sharpness =>
                    d.Amount is >= 0.0999 and <= 1.9001,
                AugmentationKind.ShearX or AugmentationKind.ShearY => Math.Abs(d.Amount) <= 0.3,
                AugmentationKind.TranslateX or AugmentationKind.TranslateY => Math.Abs(d.Amount) <= 0.45,
                _ => d.Amount == 0,
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Magnitude_seven_without_deviation_gives_the_published_amounts()
    {
        var draws = Draws(new() { Magnitude = 7, MagnitudeDeviation = 0 });
        void Is(AugmentationKind kind, params double[] amounts) =>
            Assert.Equal(amounts.Order(), draws.Where(d => d.Kind == kind).Select(d => Math.Round(d.Amount, 9)).Distinct().Order());
        Is(AugmentationKind.Rotate, -21, 21);
        Is(AugmentationKind.Posterise, 2);
        Is(AugmentationKind.Solarise, 77);
        Is(AugmentationKind.SolariseAdd, 77);
        Is(AugmentationKind.Contrast, 0.37, 1.63);
        Is(AugmentationKind.ShearX, -0.21, 0.21);
        Is(AugmentationKind.TranslateY, -0.315, 0.315);
    }

    [Fact]
    public void Every_operation_comes_up_and_half_of_them_are_carried_out()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Augmentation);
        var augment = new RandAugment(new());
        var draws = Enumerable.Range(0, 1000).SelectMany(_ => augment.Draw(ref random)).ToList();
        Assert.Equal(Kinds, draws.Select(d => d.Kind).Distinct().Order());
        Assert.InRange(draws.Count, 1850, 2150); // 4000 draws, each with probability 1/2
    }

    public static TheoryData<string, double> Operations => new()
    {
        { "AutoContrast", 0 }, { "Equalise", 0 }, { "Invert", 0 }, { "Rotate", 17 }, { "Posterise", 2 }, { "Solarise", 77 },
        { "SolariseAdd", 77 }, { "Colour", 1.6 }, { "Contrast", 0.4 }, { "Brightness", 1.6 }, { "Sharpness", 0.4 },
        { "ShearX", 0.2 }, { "ShearY", -0.2 }, { "TranslateX", 0.3 }, { "TranslateY", -0.3 },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_does_the_same_to_every_frame_of_a_clip(string kind, double amount)
    {
        var frame = Noise(1);
        byte[] clip = [.. frame, .. frame, .. frame];
        RandAugment.Apply([new(Enum.Parse<AugmentationKind>(kind), amount)], clip, Square);
        Assert.NotEqual(frame, clip[..frame.Length]);
        Assert.Equal(clip[..frame.Length], clip[frame.Length..(2 * frame.Length)]);
        Assert.Equal(clip[..frame.Length], clip[(2 * frame.Length)..]);
    }

    [Theory]
    [InlineData("Colour", 1)]
    [InlineData("Contrast", 1)]
    [InlineData("Brightness", 1)]
    [InlineData("Sharpness", 1)]
    [InlineData("Rotate", 0)]
    [InlineData("ShearX", 0)]
    [InlineData("TranslateY", 0)]
    [InlineData("Posterise", 8)]
    [InlineData("Solarise", 256)]
    [InlineData("SolariseAdd", 0)]
    public void An_amount_of_nothing_changes_nothing(string kind, double amount)
    {
        var frame = Noise(2);
        var changed = frame.ToArray();
        RandAugment.Apply([new(Enum.Parse<AugmentationKind>(kind), amount)], changed, Square);
        Assert.Equal(frame, changed);
    }

    [Fact]
    public void Pixels_move_as_told_and_grey_comes_in()
    {
        var frame = Noise(3);
        var moved = frame.ToArray();
        RandAugment.Apply([new(AugmentationKind.TranslateX, 0.125)], moved, Square); // 3 of 24 pixels to the left
        for (var y = 0; y < Size; y++)
        {
            Assert.Equal(frame[((y * Size + 3) * 3)..((y * Size + Size) * 3)], moved[(y * Size * 3)..((y * Size + Size - 3) * 3)]);
            Assert.All(moved[((y * Size + Size - 3) * 3)..((y + 1) * Size * 3)], v => Assert.Equal(128, v));
        }
        var turned = frame.ToArray();
        Warp.Rotate(turned, Square, 90); // counter-clockwise: the right column becomes the top row
        Assert.Equal(frame[((0 * Size + Size - 1) * 3)..((0 * Size + Size) * 3)], turned[..3]);
        Assert.Equal(frame[((Size * Size - 1) * 3)..], turned[((Size - 1) * 3)..(Size * 3)]);
    }

    [Theory]
    [InlineData("Rotate", 20)]
    [InlineData("ShearX", 0.25)]
    [InlineData("ShearY", -0.25)]
    [InlineData("TranslateX", 0.25)]
    public void A_picture_that_was_stretched_when_read_is_moved_as_if_it_had_not_been(string kind, double amount)
    {
        // A slope, which interpolation does not change: 3 and 2 levels a pixel of the picture of 24 × 24.
        static byte[] Slope(int across, int down) =>
            [.. from y in Enumerable.Range(0, Size * down) from x in Enumerable.Range(0, Size * across) from c in Enumerable.Range(0, 3) select (byte)(40 + 3 * (x + 0.5) / across + 2 * (y + 0.5) / down + 0.5)];
        var (plain, wide) = (Slope(1, 1), Slope(3, 1));
        AugmentationDraw[] draws = [new(Enum.Parse<AugmentationKind>(kind), amount)];
        RandAugment.Apply(draws, plain, Square);
        RandAugment.Apply(draws, wide, new(3 * Size, Size, 3));
        for (var y = 8; y < 16; y++)
        {
            for (var x = 8; x < 16; x++)
                Assert.InRange(wide[3 * (y * 3 * Size + 3 * x + 1)] - plain[3 * (y * Size + x)], -2, 2);
        }
        Assert.NotEqual(Slope(1, 1), plain);
    }

    [Fact]
    public void Tones_are_those_computed_by_hand()
    {
        byte[] Apply(AugmentationKind kind, double amount, params byte[] values)
        {
            var frame = new byte[Size * Size * 3];
            for (var i = 0; i < frame.Length; i++)
                frame[i] = values[i / 3 % values.Length];
            RandAugment.Apply([new(kind, amount)], frame, Square);
            return [.. values.Select((_, i) => frame[3 * i])];
        }
        Assert.Equal([255, 155, 0], Apply(AugmentationKind.Invert, 0, 0, 100, 255));
        Assert.Equal([64, 192, 0], Apply(AugmentationKind.Posterise, 2, 100, 200, 63));
        Assert.Equal([10, 155, 0], Apply(AugmentationKind.Solarise, 77, 10, 100, 255));
        Assert.Equal([87, 204, 128], Apply(AugmentationKind.SolariseAdd, 77, 10, 127, 128));
        Assert.Equal([0, 127, 255], Apply(AugmentationKind.AutoContrast, 0, 50, 100, 150));
        Assert.Equal([100, 200], Apply(AugmentationKind.AutoContrast, 0, 100, 200).Select(v => (byte)(v == 0 ? 100 : 200)));
        Assert.Equal([125, 175], Apply(AugmentationKind.Contrast, 0.5, 100, 200)); // mean 150
        Assert.Equal([50, 255], Apply(AugmentationKind.Brightness, 0.5, 100, 255).Select((v, i) => i == 0 ? v : (byte)255));
    }

    private static List<AugmentationDraw> Draws(AugmentationRecipe recipe)
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Augmentation);
        var augment = new RandAugment(recipe);
        return [.. Enumerable.Range(0, 400).SelectMany(_ => augment.Draw(ref random))];
    }

    private static byte[] Noise(int seed)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Synthesis);
        var frame = new byte[Size * Size * 3];
        foreach (ref var value in frame.AsSpan())
            value = (byte)(20 + random.NextInt(200));
        return frame;
    }
}

using Sigma.Data.Synthesis;

namespace Sigma.Tests.Data.Synthesis;

[Trait("Category", "data")]
public class MaterialScenesTests
{
    private static readonly SynthesisPreset Demo = SynthesisPreset.Demo;

    [Fact]
    public void Neither_the_mean_colour_nor_the_contrast_tells_the_class() => Assert.InRange(Accuracy(Colours), 0, 0.2);

    [Fact]
    public void A_thumbnail_does_not_tell_the_class() => Assert.InRange(Accuracy(frame => Thumbnails.Of(frame, Demo.Size)), 0, 0.2);

    // Chance is 0.1, three standard errors above it at 300 clips 0.15.
    private static double Accuracy(Func<byte[], double[]> features)
    {
        var (known, tried) = (Features(SynthesisPart.Train, 600), Features(SynthesisPart.Val, 300));
        return SmallProbe.Accuracy(known, Labels(known.Length), tried, Labels(tried.Length));

        double[][] Features(SynthesisPart part, int clips) =>
            [.. Enumerable.Range(0, clips).AsParallel().AsOrdered().Select(index => features(Demo.Render(0, part, index).First()))];
        static int[] Labels(int clips) => [.. Enumerable.Range(0, clips).Select(index => index % Demo.Classes.Count)];
    }

    /// <summary>Mean and deviation of each channel.</summary>
    private static double[] Colours(byte[] rgb)
    {
        var features = new double[6];
        for (var channel = 0; channel < 3; channel++)
        {
            var values = rgb.Where((_, i) => i % 3 == channel).Select(value => (double)value).ToArray();
            features[channel] = values.Average();
            features[3 + channel] = Math.Sqrt(values.Average(value => value * value) - features[channel] * features[channel]);
        }
        return features;
    }
}

using Sigma.Data.Synthesis;

namespace Sigma.Tests.Data.Synthesis;

[Trait("Category", "data")]
public class MotionScenesTests
{
    private const int Known = 480;
    private const int Tried = 240;
    private const double Chance = 1.0 / 8;
    private static readonly SynthesisPreset Motion = SynthesisPreset.MotionEight;

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    public void No_single_frame_tells_the_class(int frame)
    {
        // Three standard errors above chance at 240 clips: 0.19.
        Assert.InRange(Accuracy(clip => Thumbnails.Of(clip.ElementAt(frame), Motion.Size)), 0, Chance + 0.065);
        Assert.InRange(Accuracy(clip => Texture(clip.ElementAt(frame))), 0, Chance + 0.065);
    }

    [Fact]
    public void A_simple_motion_statistic_tells_the_class() =>
        Assert.InRange(Accuracy(clip => FlowStatistic.Of([.. clip.Skip(8).Take(4)], Motion.Size)), 4 * Chance, 1);

    private static double Accuracy(Func<IEnumerable<byte[]>, double[]> features)
    {
        var (known, tried) = (Features(SynthesisPart.Train, Known), Features(SynthesisPart.Val, Tried));
        return SmallProbe.Accuracy(known, Labels(Known), tried, Labels(Tried));

        double[][] Features(SynthesisPart part, int clips) =>
            [.. Enumerable.Range(0, clips).AsParallel().AsOrdered().Select(index => features(Motion.Render(0, part, index)))];
        static int[] Labels(int clips) => [.. Enumerable.Range(0, clips).Select(index => index % Motion.Classes.Count)];
    }

    /// <summary>How strong brightness changes are in eight directions, and a histogram of brightness: sizes, angles and edges without places.</summary>
    private static double[] Texture(byte[] rgb)
    {
        var (features, size) = (new double[24], Motion.Size);
        for (var y = 1; y < size - 1; y++)
        {
            for (var x = 1; x < size - 1; x++)
            {
                var (across, down) = (At(y, x + 1) - At(y, x - 1), At(y + 1, x) - At(y - 1, x));
                var direction = (int)((Math.Atan2(down, across) / Math.Tau + 1) * 8) % 8;
                features[direction] += Math.Sqrt(across * across + down * down);
                features[8 + At(y, x) * 16 / 766]++;
            }
        }
        return features;
        int At(int y, int x) => rgb[3 * (y * size + x)] + rgb[3 * (y * size + x) + 1] + rgb[3 * (y * size + x) + 2];
    }
}

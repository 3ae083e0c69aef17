using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Data.Augmentation;
using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Tests.Data.Augmentation;

[Trait("Category", "data")]
public sealed class MixingTests
{
    [Fact]
    public void Labels_are_shared_and_smoothed_as_computed_by_hand()
    {
        using var scope = new TensorScope();
        var labels = new Mixing(0.7, null).Labels([0, 2, 1], 4, 0.1).ToArray<float>();
        // Clip 0 (class 0) is mixed with clip 2 (class 1), clip 1 (class 2) with itself; each class has 0.1 / 4 beside.
        float[] expected = [0.655f, 0.295f, 0.025f, 0.025f, 0.025f, 0.025f, 0.925f, 0.025f, 0.295f, 0.655f, 0.025f, 0.025f];
        Assert.All(expected.Zip(labels), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [Fact]
    public void Labels_of_clips_as_they_are_give_the_label_smoothed_loss()
    {
        using var scope = new TensorScope();
        var logits = Tensor.From([0.3f, -1f, 2f, 0.1f, 0.4f, -0.7f], 2, 3);
        var own = F.CrossEntropy(logits, Mixing.None.Labels([2, 1], 3, 0.1));
        var reference = F.CrossEntropy(logits, Tensor.From<long>([2, 1]), labelSmoothing: 0.1);
        Assert.Equal(reference.Item(), own.Item(), 1e-6);
    }

    [Fact]
    public void Every_row_of_labels_sums_to_one() =>
        Prop.ForAll<PositiveInt, PositiveInt>((seed, count) =>
        {
            using var scope = new TensorScope();
            var random = new CounterRandom(seed.Get, 0, 0, Purpose.Mixing);
            var mixing = Mixing.Draw(new(), 32, ref random);
            int[] labels = [.. Enumerable.Range(0, count.Get).Select(i => i % 5)];
            return mixing.Share is >= 0 and <= 1
                && mixing.Labels(labels, 5, 0.1).ToArray<float>().Chunk(5).All(row => Math.Abs(row.Sum() - 1) < 1e-5 && row.All(p => p >= 0));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Mixup_adds_normalised_pixels_by_their_shares()
    {
        using var scope = new TensorScope();
        var clips = Clips(2);
        var mixed = new Mixing(0.25, null).Clips(clips).ToArray<float>();
        var numbers = ClipTubes.Normalised(clips).ToArray<float>();
        var half = numbers.Length / 2;
        for (var i = 0; i < half; i++)
        {
            Assert.Equal(0.25 * numbers[i] + 0.75 * numbers[half + i], mixed[i], 1e-5);
            Assert.Equal(0.25 * numbers[half + i] + 0.75 * numbers[i], mixed[half + i], 1e-5);
        }
    }

    [Fact]
    public void Cutmix_puts_the_partners_box_through_all_frames_and_leaves_bytes()
    {
        using var scope = new TensorScope();
        var clips = Clips(2); // [2, 3, 8, 8, 3]
        var (own, mixed) = (clips.ToArray<byte>(), new Mixing(1 - 12 / 64.0, new(1, 4, 2, 6)).Clips(clips));
        Assert.Equal(ScalarType.UInt8, mixed.Type);
        var got = mixed.ToArray<byte>();
        var half = own.Length / 2;
        for (var i = 0; i < half; i++)
        {
            var (x, y) = (i / 3 % 8, i / 24 % 8);
            Assert.Equal(y is >= 1 and < 4 && x is >= 2 and < 6 ? own[half + i] : own[i], got[i]);
        }
        Assert.Equal(own, clips.ToArray<byte>());
    }

    [Fact]
    public void The_share_of_cutmix_is_the_area_that_its_box_really_leaves() =>
        Prop.ForAll<PositiveInt>(seed =>
        {
            var random = new CounterRandom(seed.Get, 0, 0, Purpose.Mixing);
            var mixing = Mixing.Draw(new() { Mixup = 0 }, 20, ref random);
            return mixing.Box is { } box && box is { Top: >= 0, Left: >= 0, Bottom: <= 20, Right: <= 20 }
                && Math.Abs(mixing.Share - (1 - (box.Bottom - box.Top) * (box.Right - box.Left) / 400.0)) < 1e-12;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Both_come_up_as_often_as_asked_and_shares_follow_their_distribution()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Mixing);
        var draws = Enumerable.Range(0, 4000).Select(_ => Mixing.Draw(new(), 224, ref random)).ToList();
        Assert.InRange(draws.Count(d => d.Box is not null), 1850, 2150);
        double[] shares = [.. draws.Where(d => d.Box is null).Select(d => d.Share)];
        // Beta(0.8, 0.8): mean 1/2, variance 1 / (4 · 2.6).
        Assert.Equal(0.5, shares.Average(), 0.03);
        Assert.Equal(1 / (4 * 2.6), shares.Average(s => (s - 0.5) * (s - 0.5)), 0.01);
    }

    [Fact]
    public void Without_both_nothing_is_mixed()
    {
        using var scope = new TensorScope();
        var random = new CounterRandom(0, 0, 0, Purpose.Mixing);
        var mixing = Mixing.Draw(new() { Mixup = 0, Cutmix = 0 }, 8, ref random);
        var clips = Clips(2);
        Assert.Same(clips, mixing.Clips(clips));
    }

    private static Tensor Clips(int count)
    {
        var random = new CounterRandom(4, 0, 0, Purpose.Synthesis);
        var bytes = new byte[count * 3 * 8 * 8 * 3];
        foreach (ref var value in bytes.AsSpan())
            value = (byte)random.NextInt(256);
        return Tensor.From(bytes, count, 3, 8, 8, 3);
    }
}

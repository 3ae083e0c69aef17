using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class SegmentSamplingTests
{
    [Fact]
    public void Each_segment_of_a_training_clip_gives_one_of_its_frames() =>
        Prop.ForAll<PositiveInt, PositiveInt>((frames, clip) =>
        {
            var random = new CounterRandom(frames.Get, clip.Get, 0, Purpose.Frames);
            var (f, c) = (frames.Get * 3, clip.Get);
            var indices = SegmentSampling.Training(f, c, ref random);
            var length = f / c;
            return indices.Length == c && indices.All(i => i >= 0 && i < f) && indices.Zip(indices.Skip(1)).All(p => p.First <= p.Second)
                && (length == 0 || indices.Select((frame, i) => frame / length == i).All(inside => inside));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_frame_of_a_segment_can_be_drawn()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Frames);
        var first = Enumerable.Range(0, 300).Select(_ => SegmentSampling.Training(80, 16, ref random)[0]).ToHashSet();
        Assert.Equal([0, 1, 2, 3, 4], first.Order());
    }

    [Fact]
    public void Two_views_take_beginnings_and_middles_of_the_segments()
    {
        // The published test sorts int(tick · x) and int(tick / 2 + tick · x) together and gives every other one to a view.
        const int frames = 53, clip = 16;
        const double tick = frames / (double)clip;
        int[] all = [.. Enumerable.Range(0, clip).SelectMany(x => new[] { (int)(tick * x), (int)(tick / 2 + tick * x) }).Order()];
        Assert.Equal(all.Where((_, i) => i % 2 == 0), SegmentSampling.View(frames, clip, 0, 2));
        Assert.Equal(all.Where((_, i) => i % 2 == 1), SegmentSampling.View(frames, clip, 1, 2));
    }

    [Fact]
    public void One_view_takes_the_middles_and_a_short_video_repeats_frames()
    {
        Assert.Equal([5, 15, 25, 35], SegmentSampling.View(40, 4, 0, 1));
        Assert.Equal([0, 0, 1, 1], SegmentSampling.View(2, 4, 0, 1));
        Assert.Equal([0, 0, 0, 0], SegmentSampling.View(1, 4, 0, 1));
    }
}

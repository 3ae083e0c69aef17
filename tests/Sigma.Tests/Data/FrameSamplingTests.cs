using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;

namespace Sigma.Tests.Data;

public class FrameSamplingTests
{
    [SkippableFact]
    [Trait("Category", "parity")]
    public void The_published_loaders_read_the_same_frames()
    {
        var cases = Fixtures.Json("sampling.json").EnumerateArray().ToArray();
        Assert.NotEmpty(cases);
        foreach (var c in cases)
        {
            var mode = c.GetProperty("mode").GetString();
            var (frames, clip, stride) = (Number(c, "frames")!.Value, Number(c, "clip")!.Value, Number(c, "stride")!.Value);
            var indices = mode switch
            {
                "pretrain" => FrameSampling.Pretraining(frames, clip, stride, Number(c, "offset")!.Value),
                "validation" => FrameSampling.Validation(frames, clip, stride, Number(c, "end")),
                "test" => FrameSampling.Test(frames, clip, stride),
                _ => throw new InvalidDataException($"sampling.json has the unknown mode {mode}"),
            };
            var expected = c.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32()).ToArray();
            Assert.True(expected.SequenceEqual(indices), $"{c}\nread {string.Join(", ", indices)}");
        }
    }

    private static int? Number(JsonElement c, string name) =>
        c.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;

    [Fact]
    [Trait("Category", "data")]
    public void A_clip_has_its_length_never_runs_backwards_and_stays_in_the_video() =>
        Prop.ForAll<PositiveInt, PositiveInt, PositiveInt>((frames, clip, stride) =>
        {
            var random = new CounterRandom(frames.Get, clip.Get, stride.Get, Purpose.Frames);
            var (f, c, s) = (frames.Get * 3, clip.Get, stride.Get);
            return Whole(FrameSampling.Pretraining(f, c, s, FrameSampling.DrawOffset(f, c, s, ref random)), f, c)
                && Whole(FrameSampling.Validation(f, c, s, FrameSampling.DrawEnd(f, c, s, ref random)), f, c)
                && Whole(FrameSampling.Test(f, c, s), f, Math.Max(c, (f - 1) / s + 1));
        }).QuickCheckThrowOnFailure();

    private static bool Whole(int[] indices, int frames, int length) =>
        indices.Length == length
        && indices.All(i => i >= 0 && i < frames)
        && indices.Zip(indices.Skip(1)).All(pair => pair.First <= pair.Second);

    [Fact]
    [Trait("Category", "data")]
    public void Every_start_from_which_the_span_fits_is_drawn_and_no_other()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Frames);
        var offsets = Enumerable.Range(0, 500).Select(_ => FrameSampling.DrawOffset(70, 16, 4, ref random)).ToHashSet();
        Assert.Equal(Enumerable.Range(0, 7), offsets.Order());
        var ends = Enumerable.Range(0, 500).Select(_ => FrameSampling.DrawEnd(70, 16, 4, ref random)!.Value).ToHashSet();
        Assert.Equal(Enumerable.Range(64, 6), ends.Order());
    }

    [Fact]
    [Trait("Category", "data")]
    public void A_video_no_longer_than_the_span_is_read_from_its_start()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Frames);
        Assert.Equal(0, FrameSampling.DrawOffset(64, 16, 4, ref random));
        Assert.Null(FrameSampling.DrawEnd(64, 16, 4, ref random));
        Assert.Equal(0, FrameSampling.DrawOffset(1, 16, 4, ref random));
    }

    [Fact]
    [Trait("Category", "data")]
    public void An_end_outside_the_video_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.Validation(100, 16, 4, 101));
}

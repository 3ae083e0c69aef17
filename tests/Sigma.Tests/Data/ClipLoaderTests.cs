using Sigma.Data;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class ClipLoaderTests : IDisposable
{
    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void The_batches_are_the_same_whatever_the_number_of_workers()
    {
        var manifest = Manifest.Load(files.RenderSome(7).Folder);
        var recipe = ClipFiles.Recipe() with { Clip = ClipFiles.Recipe().Clip with { Flip = true, GreyScale = 0.5 } };
        Assert.Equal(Digests(manifest, recipe, 8, workers: 1), Digests(manifest, recipe, 8, workers: 3));
    }

    [Fact]
    public void A_run_continued_in_the_middle_of_an_epoch_goes_on_as_if_it_had_never_stopped()
    {
        var manifest = Manifest.Load(files.RenderSome(9).Folder);
        var recipe = ClipFiles.Recipe() with { Optimizer = new() { Batch = 4, Accumulate = 2 } };
        var whole = Digests(manifest, recipe, 11, workers: 2);
        Assert.Equal(whole[5..], Digests(manifest, recipe, 6, workers: 1, first: 5));
        Assert.Equal(whole.Count, whole.Distinct().Count());
    }

    [Fact]
    public void Another_seed_gives_other_batches()
    {
        var manifest = Manifest.Load(files.RenderSome(4).Folder);
        Assert.NotEqual(
            Digests(manifest, ClipFiles.Recipe(), 1, workers: 1), Digests(manifest, ClipFiles.Recipe() with { Seed = 8 }, 1, workers: 1));
    }

    [Fact]
    public void An_epoch_shows_every_video_once()
    {
        using var loader = new ClipLoader(Manifest.Load(files.RenderSome(8).Folder), ClipFiles.Recipe(), workers: 2);
        Assert.Equal(2, loader.StepsPerEpoch);
        using var first = loader.Next(default);
        using var second = loader.Next(default);
        Assert.Equal(Enumerable.Range(0, 8), first.Samples.Concat(second.Samples).Order());
    }

    [Fact]
    public void Fewer_videos_than_a_batch_come_again_with_draws_of_their_own()
    {
        using var loader = new ClipLoader(Manifest.Load(files.RenderSome(3).Folder), ClipFiles.Recipe(batch: 12), workers: 2);
        using var batch = loader.Next(default);
        Assert.Equal([4, 4, 4], batch.Samples.CountBy(sample => sample).Select(pair => pair.Value));
        Assert.Equal(12, Clips(batch).Distinct().Count());
    }

    [Fact]
    public void Repeated_clips_stand_together_and_have_crops_and_masks_of_their_own()
    {
        var recipe = ClipFiles.Recipe(batch: 12) with { Clip = ClipFiles.Recipe().Clip with { Repeats = 4 } };
        using var loader = new ClipLoader(Manifest.Load(files.RenderSome(6).Folder), recipe, workers: 3);
        Assert.Equal(2, loader.StepsPerEpoch);
        using var batch = loader.Next(default);
        Assert.All(batch.Samples.Chunk(4), four => Assert.Single(four.Distinct()));
        Assert.Equal(3, batch.Samples.Distinct().Count());
        Assert.Equal(12, Clips(batch).Distinct().Count());
        Assert.True(Rows(batch.Hidden).Distinct().Count() > 9);
    }

    [Fact]
    public void The_frames_of_a_clip_are_those_of_the_published_sampling()
    {
        files.RenderShades("shades.mp4", 30);
        var recipe = ClipFiles.Recipe(batch: 1);
        using var loader = new ClipLoader(Manifest.Load(files.Folder), recipe, workers: 1);
        for (var epoch = 0; epoch < 5; epoch++)
        {
            var random = new CounterRandom(recipe.Seed, epoch, 0, Purpose.Frames);
            var offset = FrameSampling.DrawOffset(30, 4, 2, ref random);
            using var batch = loader.Next(default);
            var shades = batch.Clips.ToArray<byte>().Chunk(32 * 32 * 3).Select(frame => frame.Average(value => (double)value));
            Assert.Equal(FrameSampling.Pretraining(30, 4, 2, offset), shades.Select(shade => (int)Math.Round((shade - 20) / 6)));
        }
    }

    [Fact]
    public void A_mirrored_clip_is_the_plain_one_turned_and_both_occur()
    {
        files.RenderSome(8);
        var plain = ClipFiles.Recipe(batch: 8) with { Clip = ClipFiles.Recipe().Clip with { Crop = CropKind.Resize } };
        using var one = new ClipLoader(Manifest.Load(files.Folder), plain, workers: 1);
        using var other = new ClipLoader(Manifest.Load(files.Folder), plain with { Clip = plain.Clip with { Flip = true } }, workers: 1);
        using var straight = one.Next(default);
        using var flipped = other.Next(default);
        var turned = straight.Clips.ToArray<byte>();
        Pixels.Mirror(turned, 32);
        var mirrored = Clips(flipped).Zip(Clips(turned)).Select(pair => pair.First == pair.Second).ToList();
        Assert.Equal(mirrored.Select(turn => !turn), Clips(flipped).Zip(Clips(straight)).Select(pair => pair.First == pair.Second));
        Assert.Contains(true, mirrored);
        Assert.Contains(false, mirrored);
    }

    [Fact]
    public void Clips_lose_their_colour_when_the_recipe_says_always()
    {
        files.RenderSome(4);
        var recipe = ClipFiles.Recipe() with { Clip = ClipFiles.Recipe().Clip with { GreyScale = 1 } };
        using var loader = new ClipLoader(Manifest.Load(files.Folder), recipe, workers: 1);
        using var batch = loader.Next(default);
        Assert.All(batch.Clips.ToArray<byte>().Chunk(3), pixel => Assert.True(pixel[0] == pixel[1] && pixel[1] == pixel[2]));
    }

    [Theory]
    [InlineData(MaskKind.Tube)]
    [InlineData(MaskKind.Random)]
    [InlineData(MaskKind.Frame)]
    [InlineData(MaskKind.SimulatedMotion)]
    [InlineData(MaskKind.MotionGuided)]
    public void Visible_and_hidden_tubes_rise_and_together_are_all(MaskKind kind)
    {
        files.RenderSome(4);
        var recipe = ClipFiles.Recipe() with { Mask = new() { Kind = kind, Ratio = 0.5 } };
        using var loader = new ClipLoader(Manifest.Load(files.Folder), recipe, workers: 2);
        using var batch = loader.Next(default);
        Assert.Equal([4, recipe.Mask.HiddenTubes(recipe.Clip)], batch.Hidden.Shape);
        var (visible, hidden) = (batch.Visible.ToArray<long>().Chunk((int)batch.Visible.Size(1)), batch.Hidden.ToArray<long>().Chunk((int)batch.Hidden.Size(1)));
        Assert.All(visible.Concat(hidden), tubes => Assert.Equal(tubes.Order(), tubes));
        Assert.All(visible.Zip(hidden), pair => Assert.Equal(Enumerable.Range(0, recipe.Clip.Tubes), pair.First.Concat(pair.Second).Order().Select(tube => (int)tube)));
    }

    [Fact]
    public void Clips_in_which_nothing_moves_are_counted()
    {
        files.Render("still.mp4", 30, still: true);
        files.Render("moving.mp4", 30);
        var recipe = ClipFiles.Recipe(batch: 2) with { Mask = new() { Kind = MaskKind.MotionGuided, Ratio = 0.5 } };
        using var loader = new ClipLoader(Manifest.Load(files.Folder), recipe, workers: 1);
        for (var i = 1; i <= 3; i++)
        {
            loader.Next(default).Dispose();
            Assert.Equal(i, loader.MotionlessClips);
        }
    }

    [Fact]
    public void A_video_shorter_than_a_clip_repeats_its_frames_and_is_listed()
    {
        files.Render("one frame.mp4", 1);
        files.Render("three frames.mp4", 3);
        files.Render("twenty frames.mp4", 20);
        using var loader = new ClipLoader(Manifest.Load(files.Folder), ClipFiles.Recipe(batch: 3), workers: 1);
        using var batch = loader.Next(default);
        Assert.Equal([files["one frame.mp4"], files["three frames.mp4"]], loader.Findings.Short.Paths);
        Assert.Equal(0, loader.Findings.Unreadable.Count);
        var clip = Clips(batch)[batch.Samples.ToList().IndexOf(0)];
        Assert.Single(Convert.FromHexString(clip).Chunk(32 * 32 * 3).Select(Convert.ToHexString).Distinct());
    }

    private static List<string> Digests(Manifest manifest, Recipe recipe, int count, int workers, long first = 0)
    {
        using var loader = new ClipLoader(manifest, recipe, first, workers);
        return ClipFiles.Digests(loader, count);
    }

    private static List<string> Clips(ClipBatch batch) => Clips(batch.Clips.ToArray<byte>());

    private static List<string> Clips(byte[] clips) => [.. clips.Chunk(4 * 32 * 32 * 3).Select(Convert.ToHexString)];

    private static List<string> Rows(Tensor indices) =>
        [.. indices.ToArray<long>().Chunk((int)indices.Size(1)).Select(row => string.Join(' ', row))];
}

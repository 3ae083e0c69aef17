using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class LabelledClipLoaderTests
{
    [Fact]
    public void Batches_depend_neither_on_the_workers_nor_on_where_the_run_goes_on()
    {
        using var files = new TinyFineTune();
        var all = Batches(files, 0, 6, "data.workers=1", "augmentation.erasing=1");
        Assert.Equal(all, Batches(files, 0, 6, "data.workers=3", "augmentation.erasing=1"));
        Assert.Equal(all.Skip(2), Batches(files, 2, 4, "augmentation.erasing=1"));
        Assert.NotEqual(all, Batches(files, 0, 6, "augmentation.erasing=1", "seed=4"));
    }

    [Fact]
    public void Every_clip_has_the_class_of_its_video_and_every_video_comes_up()
    {
        using var files = new TinyFineTune();
        var manifest = Manifest.Load(files.Data, labels: true);
        using var loader = new LabelledClipLoader(manifest, files.Recipe(), 0);
        var seen = new List<int>();
        for (var step = 0; step < loader.StepsPerEpoch; step++)
        {
            var batch = loader.Next(CancellationToken.None);
            Assert.All(batch.Keys.Zip(batch.Labels), p => Assert.Equal(manifest[p.First.Sample].Label, p.Second));
            seen.AddRange(batch.Keys.Select(key => key.Sample));
            loader.GiveBack(batch);
        }
        Assert.Equal(Enumerable.Range(0, 12), seen.Order());
    }

    [Fact]
    public void Clips_repeated_from_one_video_are_augmented_each_by_itself()
    {
        using var files = new TinyFineTune();
        var manifest = Manifest.Load(files.Data, labels: true);
        using var loader = new LabelledClipLoader(manifest, files.Recipe("augmentation.repeats=2"), 0);
        var batch = loader.Next(CancellationToken.None);
        Assert.Equal(batch.Keys[0].Sample, batch.Keys[1].Sample);
        Assert.NotEqual(batch.Pixels(0).ToArray(), batch.Pixels(1).ToArray());
        loader.GiveBack(batch);
    }

    [Fact]
    public void All_frames_of_a_clip_are_drawn_alike()
    {
        using var files = new ClipFiles();
        var path = files.Render("one frame.mp4", 1);
        var recipe = new FineTuneRecipe
        {
            Clip = new() { Frames = 4, Stride = 2, Size = 32, TubeSize = 8 },
            Augmentation = new() { RandAugment = 8, Erasing = 0, Flip = true },
        };
        using var video = ClipReader.Open(path);
        var pixels = new byte[4 * 32 * 32 * 3];
        var looks = new HashSet<string>();
        for (var epoch = 0; epoch < 12; epoch++)
        {
            new FineTuningClips(recipe).Draw(video, new(0, epoch, 0, 0), pixels);
            var frames = pixels.Chunk(32 * 32 * 3).ToArray();
            Assert.All(frames, frame => Assert.Equal(frames[0], frame));
            looks.Add(Convert.ToHexString(frames[0]));
        }
        Assert.Equal(12, looks.Count);
    }

    private static List<string> Batches(TinyFineTune files, long first, int count, params string[] overrides)
    {
        using var loader = new LabelledClipLoader(Manifest.Load(files.Data, labels: true), files.Recipe(overrides), first);
        var batches = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var batch = loader.Next(CancellationToken.None);
            batches.Add($"{string.Join(' ', batch.Labels)} {string.Join(' ', batch.Keys)} {Convert.ToHexString(batch.Clips.ToArray<byte>())}");
            loader.GiveBack(batch);
        }
        return batches;
    }
}

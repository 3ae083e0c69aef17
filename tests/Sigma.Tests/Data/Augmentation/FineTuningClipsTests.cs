using Sigma.Data;
using Sigma.Data.Augmentation;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Tests.Data.Augmentation;

[Trait("Category", "data")]
public sealed class FineTuningClipsTests : IDisposable
{
    private const int Size = 32, Frames = 4;
    private static readonly ClipKey Key = new(1, 0, 0, 0);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-clips-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void RandAugment_sees_the_whole_picture_and_the_crop_is_cut_out_of_what_it_made()
    {
        // Black and white at the left, which leaves auto-contrast nothing to stretch; greys from 100 to 150 at the right.
        using var video = Video((x, y) => x < 40 ? (byte)(y < 30 ? 16 : 235) : (byte)(100 + 50 * y / 60));
        var crop = new CropBox(48, 8, 40, 44);
        var (plain, stretched) = (Read(video, crop), Read(video, crop, AugmentationKind.AutoContrast));
        Assert.InRange(stretched.Max() - stretched.Min(), plain.Max() - plain.Min(), 1.3 * (plain.Max() - plain.Min()));
        var alone = plain.ToArray();
        RandAugment.Apply([new(AugmentationKind.AutoContrast, 0)], alone, new(Size, Size));
        Assert.Equal(255, alone.Max() - alone.Min()); // what the crop by itself would become
    }

    [Fact]
    public void What_does_not_depend_on_the_rest_of_the_picture_is_the_same_before_and_after_the_crop()
    {
        using var video = Video((x, y) => (byte)(60 + x + y / 2));
        foreach (var crop in new[] { new CropBox(0, 0, 96, 60), new CropBox(31, 7, 50, 40), new CropBox(56, 20, 40, 40) })
        {
            var (after, before) = (Read(video, crop), Read(video, crop, AugmentationKind.Invert));
            Assert.Equal(after.Length, before.Length);
            // The crop starts at a whole pixel of the picture read: at most half a pixel aside, which is a level or two here.
            Assert.All(after.Zip(before), pair => Assert.InRange(pair.Second - (255 - pair.First), -4, 4));
        }
    }

    private byte[] Read(ClipReader video, CropBox crop, AugmentationKind? kind = null)
    {
        var pixels = new byte[Frames * Size * Size * 3];
        var clips = new FineTuningClips(new FineTuneRecipe { Clip = new() { Frames = Frames, Stride = 1, Size = Size, TubeSize = 8 } });
        clips.Read(video, Key, crop, kind is { } some ? [new(some, 0)] : [], pixels);
        return pixels;
    }

    private ClipReader Video(Func<int, int, byte> grey)
    {
        const int width = 96, height = 60;
        var path = Path.Combine(folder.FullName, "video.mp4");
        using (var writer = new VideoWriter(path, width, height, 25))
        {
            byte[] frame = [.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) from c in Enumerable.Range(0, 3) select grey(x, y)];
            for (var t = 0; t < 6; t++)
                writer.Write(frame);
            writer.Finish();
        }
        return ClipReader.Open(path);
    }
}

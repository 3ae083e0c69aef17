using Sigma.Media;

namespace Sigma.Tests.Evaluation.Segmentation;

/// <summary>DAVIS-2017 and YouTube-VOS with a few small videos: a bright square that moves to the right before a dark ground.</summary>
internal sealed class MiniatureSets : IDisposable
{
    public const int Size = 48;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-masks-");

    public string Root => folder.FullName;

    public string this[string name] => Path.Combine(Root, name);

    public MiniatureSets Davis(params (string Name, int Frames)[] videos)
    {
        Directory.CreateDirectory(this["ImageSets/2017"]);
        File.WriteAllLines(this["ImageSets/2017/val.txt"], videos.Select(video => video.Name));
        foreach (var (name, frames) in videos)
            Video("JPEGImages/480p/" + name, "Annotations/480p/" + name, frames, step: 1);
        return this;
    }

    public MiniatureSets YouTubeVos(string split, params (string Name, int Frames)[] videos)
    {
        foreach (var (name, frames) in videos)
            Video($"{split}/JPEGImages/{name}", $"{split}/Annotations/{name}", frames, step: 5);
        var entries = videos.Select(video =>
            $"\"{video.Name}\": {{\"objects\": {{\"1\": {{\"category\": \"square\", \"frames\": [{string.Join(", ", Enumerable.Range(0, video.Frames).Select(i => $"\"{i * 5:D5}\""))}]}}}}}}");
        File.WriteAllText(this[$"{split}/meta.json"], $"{{\"videos\": {{{string.Join(", ", entries)}}}}}");
        return this;
    }

    public void Dispose() => folder.Delete(recursive: true);

    private void Video(string pictures, string masks, int frames, int step)
    {
        Directory.CreateDirectory(this[pictures]);
        Directory.CreateDirectory(this[masks]);
        for (var frame = 0; frame < frames; frame++)
        {
            var (rgb, numbers) = (new byte[Size * Size * 3], new byte[Size * Size]);
            for (var i = 0; i < numbers.Length; i++)
            {
                var inside = i % Size >= 4 + frame / 2 * 2 && i % Size < 20 + frame / 2 * 2 && i / Size is >= 16 and < 32;
                numbers[i] = (byte)(inside ? 1 : 0);
                rgb.AsSpan(3 * i, 3).Fill((byte)(inside ? 230 : 40));
            }
            var name = (frame * step).ToString("D5", System.Globalization.CultureInfo.InvariantCulture);
            JpegImage.Write(Path.Combine(this[pictures], name + ".jpg"), Size, Size, rgb);
            new MaskImage(Size, Size, numbers).Write(Path.Combine(this[masks], name + ".png"));
        }
    }
}

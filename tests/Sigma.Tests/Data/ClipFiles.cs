using System.Security.Cryptography;
using System.Text;
using Sigma.Data;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Tests.Data;

/// <summary>A folder of small rendered videos and broken files that goes away with the test.</summary>
internal sealed class ClipFiles : IDisposable
{
    public const int Width = 64;
    public const int Height = 48;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-clips-");

    public string Folder => folder.FullName;

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>Some videos of different length and content, in ordinal order of their names.</summary>
    public ClipFiles RenderSome(int count)
    {
        for (var i = 0; i < count; i++)
            Render($"video {i:00}.mp4", 20 + i, i);
        return this;
    }

    /// <summary>A bright square that wanders over a ground of its own shade, or stands still.</summary>
    public string Render(string name, int frames, int look = 0, bool still = false)
    {
        using var writer = Writer(name);
        var rgb = new byte[Width * Height * 3];
        for (var frame = 0; frame < frames; frame++)
        {
            var (x, y) = still ? (20, 20) : ((2 * frame + 5 * look) % (Width - 16), (frame + 3 * look) % (Height - 16));
            for (var i = 0; i < rgb.Length; i++)
            {
                var (column, row) = (i / 3 % Width, i / 3 / Width);
                var inside = column >= x && column < x + 16 && row >= y && row < y + 16;
                rgb[i] = (byte)(inside ? 160 + (column - x) * (row - y) % 90 : 20 + 17 * look % 100 + column + 10 * (i % 3));
            }
            writer.Write(rgb);
        }
        writer.Finish();
        return this[name];
    }

    /// <summary>A video whose frames are of one shade each, six steps brighter from one to the next.</summary>
    public string RenderShades(string name, int frames)
    {
        using var writer = Writer(name);
        var rgb = new byte[Width * Height * 3];
        for (var frame = 0; frame < frames; frame++)
        {
            rgb.AsSpan().Fill((byte)(20 + 6 * frame));
            writer.Write(rgb);
        }
        writer.Finish();
        return this[name];
    }

    public string WriteText(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>The first half of a video file.</summary>
    public string Truncate(string name, string from)
    {
        var bytes = File.ReadAllBytes(this[from]);
        File.WriteAllBytes(this[name], bytes[..(bytes.Length / 2)]);
        return this[name];
    }

    /// <summary>A second of silence under a video's name.</summary>
    public string WriteSilence(string name)
    {
        using var writer = new BinaryWriter(File.Create(this[name]));
        const int rate = 8000;
        writer.Write("RIFF"u8);
        writer.Write(36 + rate);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(rate);
        writer.Write(rate);
        writer.Write((short)1);
        writer.Write((short)8);
        writer.Write("data"u8);
        writer.Write(rate);
        writer.Write(Enumerable.Repeat((byte)128, rate).ToArray());
        return this[name];
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Clips of 4 frames of 32×32 in 2 × 4 × 4 tubes, four to a batch.</summary>
    public static Recipe Recipe(int batch = 4) => new()
    {
        Clip = new() { Frames = 4, Stride = 2, Size = 32, TubeSize = 8 },
        Mask = new() { Ratio = 0.75 },
        Optimizer = new() { Batch = batch },
        Seed = 7,
    };

    /// <summary>The next micro-batches, each as one digest of all it holds.</summary>
    public static List<string> Digests(ClipLoader loader, int count)
    {
        var digests = new List<string>();
        for (var i = 0; i < count; i++)
        {
            using var batch = loader.Next(default);
            digests.Add(Digest(batch));
        }
        return digests;
    }

    private static string Digest(ClipBatch batch)
    {
        var text = string.Join(' ', [.. batch.Samples, .. batch.Visible.ToArray<long>(), .. batch.Hidden.ToArray<long>()]);
        return Convert.ToHexString(SHA256.HashData([.. batch.Clips.ToArray<byte>(), .. Encoding.UTF8.GetBytes(text)]));
    }

    private VideoWriter Writer(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        return new(this[name], Width, Height, 25, new() { Preset = "veryfast", Crf = 12 });
    }
}

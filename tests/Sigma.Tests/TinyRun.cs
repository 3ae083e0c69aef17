using Sigma.Media;

namespace Sigma.Tests;

/// <summary>A folder with a few rendered videos and a recipe small enough for a test; removed with the test.</summary>
internal sealed class TinyRun : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-test-");

    public TinyRun(int videos = 12, string extra = "")
    {
        Directory.CreateDirectory(Data);
        for (var i = 0; i < videos; i++)
            Render(Path.Combine(Data, $"clip {i:00}.mp4"), i);
        File.WriteAllText(Recipe, Yaml + extra);
    }

    public string Data => In("videos");

    public string Recipe => In("tiny.yaml");

    public string In(string name) => Path.Combine(folder.FullName, name);

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>A disc that moves over a gradient, other for every seed.</summary>
    public static void Render(string path, int seed, int frames = 20)
    {
        const int size = 48;
        using var writer = new VideoWriter(path, size, size, 25);
        var pixels = new byte[size * size * 3];
        for (var t = 0; t < frames; t++)
        {
            var (cx, cy) = (10 + (seed * 5 + t) % 28, 10 + (seed * 11 + t / 2) % 28);
            for (var i = 0; i < size * size; i++)
            {
                var (x, y) = (i % size, i / size);
                var inside = (x - cx) * (x - cx) + (y - cy) * (y - cy) < 80;
                for (var c = 0; c < 3; c++)
                    pixels[i * 3 + c] = (byte)(inside ? 250 - 60 * ((seed + c) % 3) : 40 + x + y * (c + seed % 2));
            }
            writer.Write(pixels);
        }
        writer.Finish();
    }

    private const string Yaml = """
        # For tests: as small as every part allows.
        model: { size: vit-ti, width: 32, depth: 1, heads: 2, decoderWidth: 16, decoderDepth: 1, decoderHeads: 2 }
        clip: { frames: 4, stride: 2, size: 32, tubeSize: 8 }
        mask: { ratio: 0.75 }
        objective: { prototypes: 12, projection: [32, 16] }
        optimizer: { lr: 1.0e-2, batch: 4, steps: 60, epochs: 10, warmupEpochs: 1 }
        checkpoint: { every: 7 }
        seed: 3

        """;
}

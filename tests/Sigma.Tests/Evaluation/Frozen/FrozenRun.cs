using System.Collections.Concurrent;
using Sigma.Data;
using Sigma.Evaluation.Frozen;
using Sigma.Media;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Frozen;

/// <summary>A run's folder with an untrained network, and a dark and a bright class of videos, parted in train and val.</summary>
internal sealed class FrozenRun : IDisposable
{
    private static readonly ConcurrentDictionary<byte, Lazy<byte[]>> Videos = new();

    private readonly TinyRun files = new(videos: 0);

    public FrozenRun()
    {
        var recipe = Recipe.Load(files.Recipe);
        Directory.CreateDirectory(In("run/checkpoints/step-000001"));
        File.WriteAllText(In("run/recipe.yaml"), recipe.ToYaml());
        using var model = new MaskedVideoModel(recipe, 0, 1);
        SafetensorsFile.Write(In("run/checkpoints/step-000001/model.safetensors"), model.Parameters());
        File.WriteAllText(In("run/checkpoints/step-000001/state.json"), $"{{\"step\": 1, \"recipe\": \"\", \"data\": \"\", \"bytes\": {{\"model.safetensors\": {new FileInfo(Weights).Length}}}}}");
        for (var i = 0; i < 8; i++)
        {
            foreach (var (name, shade) in new[] { ("dark", 20), ("bright", 200) })
                Render($"{(i < 5 ? "train" : "val")}/{name}/{i}.mp4", (byte)(shade + i));
        }
    }

    public string Run => In("run");

    public string Weights => In("run/checkpoints/step-000001/model.safetensors");

    public string Train => In("train");

    public string Validation => In("val");

    public string Cache => In("cache");

    public string In(string name) => files.In(name);

    public string[] CacheFiles => [.. Directory.EnumerateFiles(Cache, "*.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>20 frames of one shade with a brighter stripe.</summary>
    public void Render(string name, byte shade)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllBytes(In(name), Videos.GetOrAdd(shade, _ => new(() => Rendered(shade))).Value);
    }

    private static byte[] Rendered(byte shade)
    {
        var path = Path.Combine(Path.GetTempPath(), $"sigma-shade-{Environment.ProcessId}-{shade}.mp4");
        using (var writer = new VideoWriter(path, 48, 32, 25))
        {
            var pixels = new byte[48 * 32 * 3];
            pixels.AsSpan().Fill(shade);
            pixels.AsSpan(0, 48 * 3 * 4).Fill((byte)(shade + 30));
            for (var frame = 0; frame < 20; frame++)
                writer.Write(pixels);
            writer.Finish();
        }
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    /// <summary>Evaluates with the features kept in this folder.</summary>
    public T Evaluate<T>(Func<FrozenEvaluation, T> evaluate, out string told, int segments = 1, int crops = 1)
    {
        using var encoder = FrozenEncoder.Load(Run);
        using var log = new StringWriter();
        var train = Manifest.Load(Train, labels: true, pictures: true);
        var task = new FrozenTask(
            encoder, Run, train, Manifest.Load(Validation, labels: true, train.Classes, pictures: true), Validation, new TestViews(encoder.Clip, segments, crops), Device.Cpu, 0);
        var result = evaluate(new FrozenEvaluation(task, new FeatureStore(Cache, log), log));
        told = log.ToString();
        return result;
    }

    public void Dispose() => files.Dispose();
}

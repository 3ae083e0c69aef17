using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Tests;

/// <summary>
/// A folder with a few rendered videos of three classes, an encoder to start from, and a fine-tuning recipe small enough for
/// a test; removed with the test.
/// </summary>
internal sealed class TinyFineTune : IDisposable
{
    private static readonly string[] Classes = ["ball", "coin", "disc"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-test-");

    public TinyFineTune(int videosOfAClass = 4)
    {
        foreach (var (part, first) in new[] { (Data, 0), (Validation, 51) })
        {
            for (var label = 0; label < Classes.Length; label++)
            {
                Directory.CreateDirectory(Path.Combine(part, Classes[label]));
                for (var i = 0; i < videosOfAClass; i++)
                    TinyRun.Render(Path.Combine(part, Classes[label], $"{i}.mp4"), first + 3 * i + label); // the disc's colour tells the class
            }
        }
        File.WriteAllText(RecipeFile, Yaml);
        WriteEncoder();
    }

    public string Data => In("train");

    public string Validation => In("val");

    public string RecipeFile => In("tiny.yaml");

    /// <summary>A folder with an encoder and the recipe of its pre-training.</summary>
    public string Init => In("pretrained");

    public string In(string name) => Path.Combine(folder.FullName, name);

    public FineTuneRecipe Recipe(params string[] overrides) => FineTuneRecipe.Load(RecipeFile, overrides);

    public void Dispose() => folder.Delete(recursive: true);

    private void WriteEncoder()
    {
        var recipe = new Recipe
        {
            Model = new() { Width = 32, Depth = 2, Heads = 2, DecoderWidth = 16, DecoderDepth = 1, DecoderHeads = 2 },
            Clip = new() { Frames = 4, Stride = 2, Size = 32, TubeSize = 8 },
            Objective = new() { Prototypes = 12, Projection = [32, 16] },
        };
        using var model = new MaskedVideoModel(recipe, 0, seed: 5);
        Directory.CreateDirectory(Init);
        File.WriteAllText(Path.Combine(Init, "recipe.yaml"), recipe.ToYaml());
        SafetensorsFile.Write(Path.Combine(Init, "model.safetensors"), model.Parameters());
    }

    private const string Yaml = """
        # For tests: as small as every part allows.
        model: { size: vit-ti, width: 32, depth: 2, heads: 2 }
        clip: { frames: 4, stride: 2, size: 32, tubeSize: 8 }
        optimizer: { lr: 1.0e-2, batch: 4, epochs: 4, warmupEpochs: 1 }
        views: { segments: 2, crops: 2 }
        checkpoint: { every: 5 }
        seed: 3

        """;
}

using Sigma.Data.Synthesis;
using Sigma.Evaluation.Severe;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Severe;

[Trait("Category", "severe")]
public sealed class CountingTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-counting-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_network_learns_to_count_what_swings()
    {
        new RepetitionSet(96, seed: 1).Write(In("sets/ucfrep"));
        var counted = Assert.Single(Suite("trained").Run());
        // The rate is too small to move anything: every video gets the mean count of training.
        var constant = Assert.Single(Suite("constant", "optimizer.steps=1", "optimizer.lr=1e-30", "optimizer.finalLr=0").Run());
        int[] counts = [2, 3, 4, 5, 6, 7]; // as often each, in training and validation
        Assert.Equal(counts.Average(count => Math.Abs(counts.Average() - count) / count), constant.Value, 0.01);
        Assert.InRange(constant.Result.Figures["offByOne"], 0.45, 0.55); // 4.5 becomes 4 or 5, off by one for three of the six
        Assert.True(counted.Value < constant.Value / 2, $"error {counted.Value:0.000}, of the mean count {constant.Value:0.000}");
        Assert.True(counted.Result.Figures["offByOne"] > 0.7, $"off by one at most: {counted.Result.Figures["offByOne"]:0.00}");
    }

    private SevereSuite Suite(string output, params string[] overrides) => new(new()
    {
        Checkpoint = Network(),
        Root = In("sets"),
        Recipe = FineTuneRecipe.Load(RecipeFile(), overrides),
        Out = In(output),
        Experiments = SevereExperiment.Named("ucf-rc"),
    });

    private string RecipeFile()
    {
        File.WriteAllText(In("counting.yaml"), """
            model: { size: vit-ti, width: 48, depth: 2, heads: 3 }
            clip: { frames: 16, size: 32, tubeSize: 8 }
            augmentation: { cropArea: 1, flip: true, randAugment: 0, erasing: 0 }
            layers: { dropPath: 0, rateDecay: 1 }
            optimizer: { lr: 2e-2, batch: 16, steps: 240, warmupEpochs: 3 }
            views: { segments: 2, crops: 1 }
            checkpoint: { every: 1000 }

            """);
        return In("counting.yaml");
    }

    /// <summary>The folder of a run whose network never saw anything.</summary>
    private string Network()
    {
        var recipe = new Recipe
        {
            Model = new() { Width = 48, Depth = 2, Heads = 3, DecoderWidth = 16, DecoderDepth = 1, DecoderHeads = 2 },
            Clip = new() { Frames = 16, Size = 32, TubeSize = 8 },
            Objective = new() { Prototypes = 12, Projection = [32, 16] },
        };
        Directory.CreateDirectory(In("run"));
        File.WriteAllText(In("run/recipe.yaml"), recipe.ToYaml());
        using var model = new MaskedVideoModel(recipe, 0, seed: 5);
        SafetensorsFile.Write(In("run/model.safetensors"), model.Parameters());
        return In("run");
    }

    private string In(string name) => Path.Combine(folder.FullName, name);
}

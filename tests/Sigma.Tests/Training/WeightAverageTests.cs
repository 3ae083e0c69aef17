using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "training")]
public sealed class WeightAverageTests
{
    [Fact]
    public void The_average_follows_the_weights_by_its_decay()
    {
        using var files = new TinyRun(videos: 0);
        using var model = new MaskedVideoModel(Recipe.Load(files.Recipe), 0, 1);
        using var scope = new TensorScope();
        var weight = F.Detach(model.Prototypes!);
        F.Fill_(weight, 1);
        using var average = new WeightAverage(model, 0.9);
        F.Fill_(weight, 2);
        average.Update();
        average.Update();
        var followed = average.State().Single(p => p.Name == "prototypes").Value;
        Assert.All(followed.ToArray<float>(), v => Assert.Equal(1.19f, v, 1e-6f));
    }

    [Fact]
    public void Loss_scaling_and_averages_come_back_from_a_checkpoint()
    {
        using var files = new TinyRun(videos: 0);
        var recipe = Recipe.Load(files.Recipe);
        using var model = new MaskedVideoModel(recipe, 0, 1);
        using var optimizer = new AdamW(ParameterGroups.Of(model, 0));
        using var average = new WeightAverage(model, 0.5);
        var scale = new LossScale { State = new(1024, 7, 3) };
        F.Fill_(average.State().First().Value, 5);
        var folder = new CheckpointStore(new RunFolder(files.In("run")), 1).Save(10, model, optimizer, "r", "d", average, scale);

        using var restored = new WeightAverage(model, 0.5);
        var restoredScale = new LossScale();
        CheckpointStore.Load(folder, model, optimizer, "r", "d", restored, restoredScale);
        Assert.Equal(scale.State, restoredScale.State);
        Assert.Equal(7, optimizer.Steps);
        Assert.All(restored.State().First().Value.ToArray<float>(), v => Assert.Equal(5, v));
    }

    [Fact]
    public void A_run_that_continues_ends_with_the_same_average()
    {
        using var files = new TinyRun();
        Train(files, "whole", 12);
        Train(files, "parts", 5);
        Train(files, "parts", 12);
        byte[] Average(string name) => File.ReadAllBytes(files.In($"{name}/checkpoints/step-000012/{CheckpointStore.AverageFile}"));
        Assert.Equal(Average("whole"), Average("parts"));
        Assert.NotEqual(Average("whole"), File.ReadAllBytes(files.In($"whole/checkpoints/step-000012/{CheckpointStore.ModelFile}")));
    }

    private static void Train(TinyRun files, string name, long steps)
    {
        using var pretrainer = new Pretrainer(new PretrainOptions
        {
            Recipe = Recipe.Load(files.Recipe, ["optimizer.averageWeights=0.9"]),
            Data = files.Data,
            Out = files.In(name),
            MaxSteps = steps,
            Resume = true,
        });
        pretrainer.Train(CancellationToken.None);
    }
}

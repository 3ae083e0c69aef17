using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "training")]
public sealed class StartingWeightsTests
{
    [Fact]
    public void A_run_starts_from_another_runs_weights_and_names_what_is_drawn_anew()
    {
        using var files = new TinyRun();
        using var scope = new TensorScope();
        var first = Train(files, "first", null, "optimizer.steps=2");
        var start = new StartingWeights(files.In("first"), Recipe.Load(files.Recipe, ["objective.prototypes=20"]));
        using var model = new MaskedVideoModel(start.Recipe, 0, 99);
        var said = start.Into(model);
        Assert.Contains("drawn anew: prototypes", said, StringComparison.Ordinal);
        Assert.Null(start.Recipe.Model.PositionSize);
        using var stored = SafetensorsFile.Open(Path.Combine(first, "model.safetensors"));
        foreach (var (name, value) in model.Parameters().Where(p => p.Name != "prototypes"))
            Assert.Equal(stored.Read(name).ToArray<float>(), F.Detach(value).ToArray<float>());
    }

    [Theory]
    [InlineData("fixed")]
    [InlineData("learned")]
    public void A_run_at_another_size_resamples_positions_and_goes_on_after_an_interruption(string positions)
    {
        using var files = new TinyRun();
        Train(files, "small", null, "optimizer.steps=2", $"model.positions={positions}");
        string[] larger = ["clip.size=48", "clip.frames=8", "optimizer.steps=4", $"model.positions={positions}"];
        Train(files, "large", files.In("small"), larger);
        Assert.Contains("positions of clips of 4 frames of 32 pixels resampled to 8 of 48", File.ReadAllText(files.In("large/log.txt")), StringComparison.Ordinal);
        var recipe = Recipe.Load(files.In("large/recipe.yaml"));
        Assert.Equal((4, 32), (recipe.Model.PositionFrames, recipe.Model.PositionSize));
        // The run's own recipe is all that is needed to continue it.
        Directory.Delete(files.In("small"), recursive: true);
        using var again = new Pretrainer(new PretrainOptions { Recipe = recipe, Data = files.Data, Out = files.In("large"), Resume = true });
        Assert.Equal(4, again.Train(CancellationToken.None).Steps);
    }

    [Fact]
    public void An_encoder_of_another_size_is_refused_with_the_tensor_that_does_not_fit()
    {
        using var files = new TinyRun();
        Train(files, "first", null, "optimizer.steps=1");
        var refusal = Assert.Throws<BadInputException>(() => Train(files, "other", files.In("first"), "model.width=64"));
        Assert.Contains("encoder.patch_embed.proj.weight is [32, 3, 2, 8, 8], wanted [64, 3, 2, 8, 8]", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => Train(files, "none", files.In("nowhere")));
        var heads = Assert.Throws<BadInputException>(() => Train(files, "more heads", files.In("first"), "model.heads=4"));
        Assert.Contains("trained with 2 attention heads, but model.heads is 4", heads.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Positions_at_their_own_size_stay_as_they_are_and_keep_their_meaning_at_another()
    {
        using var scope = new TensorScope();
        // A table that says where a tube is: its time, row and column.
        var table = Where(2, 4);
        Assert.Equal(table.ToArray<float>(), Positions.Resampled(table, (2, 4), (2, 4)).ToArray<float>());
        var larger = Positions.Resampled(table, (2, 4), (4, 8)).ToArray<float>();
        var expected = Where(4, 8).ToArray<float>();
        for (var tube = 0; tube < 4 * 8 * 8; tube++)
        {
            // Twice as fine, cell centres move by a quarter of a coarse cell; at the border the outermost value holds.
            for (var axis = 0; axis < 3; axis++)
            {
                var most = axis == 0 ? 1f : 3f;
                var centre = Math.Clamp((expected[tube * 4 + axis] + 0.5f) / 2 - 0.5f, 0, most);
                Assert.Equal(centre, larger[tube * 4 + axis], 1e-5f);
            }
        }
    }

    private static Tensor Where(int slices, int rows) => Tensor.From(
        [.. from t in Enumerable.Range(0, slices) from y in Enumerable.Range(0, rows) from x in Enumerable.Range(0, rows)
            from value in (float[])[t, y, x, 1] select value], slices * rows * rows, 4);

    private static string Train(TinyRun files, string name, string? init, params string[] overrides)
    {
        using var pretrainer = new Pretrainer(new PretrainOptions
        {
            Recipe = Recipe.Load(files.Recipe, overrides),
            Data = files.Data,
            Out = files.In(name),
            Init = init,
        });
        return pretrainer.Train(CancellationToken.None).Checkpoint!;
    }
}

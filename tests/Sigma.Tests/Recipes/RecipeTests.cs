using System.Globalization;
using Sigma.Recipes;

namespace Sigma.Tests.Recipes;

[Trait("Category", "recipes")]
public sealed class RecipeTests : IDisposable
{
    private readonly RecipeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_recipe_with_one_value_has_the_published_rest()
    {
        var recipe = _folder.Load("seed: 7");

        Assert.Equal(new Recipe { Seed = 7 }, recipe);
        Assert.Equal(1568, recipe.Clip.Tubes);
        Assert.Equal(1408, recipe.Mask.HiddenTubes(recipe.Clip));
        Assert.Equal(3e-4, recipe.Optimizer.ScaledLr, 12);
    }

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        var recipe = _folder.Load("""
            model: { size: vit-ti, width: 96, positions: learned }
            clip:
              crop: resize
              flip: true
            objective:
              teacher: teachers/dino.pth
              projection: [64, 32]
            optimizer:
              lr: 1.5e-4
              betas: [0.8, 0.9]
              clipGradient: 3
              averageWeights: null
            precision: bf16
            seed: 9007199254740993
            """);

        Assert.Equal(ModelRecipe.Of(ModelSize.VitTi) with { Width = 96, Positions = PositionTable.Learned }, recipe.Model);
        Assert.Equal(CropKind.Resize, recipe.Clip.Crop);
        Assert.True(recipe.Clip.Flip);
        Assert.Equal(_folder["teachers/dino.pth"], recipe.Objective.Teacher);
        Assert.Equal([64, 32], recipe.Objective.Projection);
        Assert.Equal(1.5e-4, recipe.Optimizer.Lr);
        Assert.Equal([0.8, 0.9], recipe.Optimizer.Betas);
        Assert.Equal(3, recipe.Optimizer.ClipGradient);
        Assert.Null(recipe.Optimizer.AverageWeights);
        Assert.Equal(Precision.Bf16, recipe.Precision);
        Assert.Equal(9007199254740993, recipe.Seed);
    }

    [Theory]
    [InlineData(ModelSize.VitTi, 192, 12, 3, 96, 3)]
    [InlineData(ModelSize.VitS, 384, 12, 6, 192, 3)]
    [InlineData(ModelSize.VitB, 768, 12, 12, 384, 6)]
    [InlineData(ModelSize.VitL, 1024, 24, 16, 512, 8)]
    [InlineData(ModelSize.VitH, 1280, 32, 16, 640, 8)]
    public void A_size_fills_in_its_numbers(ModelSize size, int width, int depth, int heads, int decoderWidth, int decoderHeads)
    {
        var model = _folder.Load($"model:\n  size: {RecipeValue.Write(size)}").Model;

        Assert.Equal((width, depth, heads), (model.Width, model.Depth, model.Heads));
        Assert.Equal((decoderWidth, 4, decoderHeads), (model.DecoderWidth, model.DecoderDepth, model.DecoderHeads));
    }

    [Fact]
    public void Own_values_win_over_extended_ones_and_lists_are_replaced_whole()
    {
        _folder.Write("optimizer: { lr: 1e-3, batch: 64 }\nobjective: { projection: [8, 4, 2], epsilon: 0.03 }", "base.yaml");
        _folder.Write("extends: ../base.yaml\noptimizer: { batch: 32 }", "middle/middle.yaml");

        var recipe = _folder.Load("extends: middle/middle.yaml\nobjective: { projection: [16] }");

        Assert.Equal(1e-3, recipe.Optimizer.Lr);
        Assert.Equal(32, recipe.Optimizer.Batch);
        Assert.Equal([16], recipe.Objective.Projection);
        Assert.Equal(0.03, recipe.Objective.Epsilon);
    }

    [Fact]
    public void A_new_size_brings_its_own_numbers_and_drops_the_extended_ones()
    {
        _folder.Write("model: { size: vit-s, width: 96, checkpointActivations: true }", "base.yaml");

        var model = _folder.Load("extends: base.yaml", "model.size=vit-b", "model.depth=2").Model;

        Assert.Equal(ModelRecipe.Of(ModelSize.VitB) with { Depth = 2, CheckpointActivations = true }, model);
    }

    [Fact]
    public void Overrides_win_over_the_file_and_the_last_one_wins_over_the_others()
    {
        var recipe = _folder.Load(
            "optimizer: { lr: 1e-4 }\nobjective: { teacher: a.pth }",
            "optimizer.lr=1e-3", "optimizer.lr=2e-3", "optimizer.betas=[0.5, 0.6]", "mask.kind=motion-guided", "objective.teacher=null");

        Assert.Equal(2e-3, recipe.Optimizer.Lr);
        Assert.Equal([0.5, 0.6], recipe.Optimizer.Betas);
        Assert.Equal(MaskKind.MotionGuided, recipe.Mask.Kind);
        Assert.Null(recipe.Objective.Teacher);
    }

    [Fact]
    public void A_teacher_on_the_command_line_is_relative_to_the_working_folder()
    {
        var recipe = _folder.Load("seed: 0", "objective.teacher=a #1: b=c.pth");

        Assert.Equal(Path.Combine(Directory.GetCurrentDirectory(), "a #1: b=c.pth"), recipe.Objective.Teacher);
    }

    [Fact]
    public void Numbers_are_read_and_written_alike_in_a_country_of_decimal_commas()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = commas;
            var recipe = _folder.Load("optimizer: { lr: 1.5e-3 }");

            Assert.Equal(1.5e-3, recipe.Optimizer.Lr);
            Assert.Equal(recipe, _folder.Load(recipe.ToYaml()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_dino_recipe_without_its_teacher_loads_but_is_refused_to_run()
    {
        var recipe = _folder.Load("objective: { target: dino-v1 }");

        var e = Assert.Throws<RecipeException>(() => recipe.RequireRunnable("r.yaml"));
        Assert.Contains("--set objective.teacher=PATH", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dino_recipe_runs_once_its_teacher_is_there()
    {
        var recipe = _folder.Load("objective: { target: dino-v2, teacher: teacher.pth }");

        Assert.Throws<RecipeException>(() => recipe.RequireRunnable("r.yaml"));
        _folder.Write("", "teacher.pth");
        recipe.RequireRunnable("r.yaml");
    }

    [Theory]
    [InlineData(MaskKind.Tube, 0.9, 1408)]
    [InlineData(MaskKind.MotionGuided, 0.75, 1176)]
    [InlineData(MaskKind.Frame, 0.9, 7 * 196)]
    [InlineData(MaskKind.Frame, 0.999, 7 * 196)]
    [InlineData(MaskKind.Frame, 0.3, 2 * 196)]
    public void The_hidden_tubes_are_counted_as_defined(MaskKind kind, double ratio, int hidden) =>
        Assert.Equal(hidden, new MaskRecipe { Kind = kind, Ratio = ratio }.HiddenTubes(new ClipRecipe()));
}

using Sigma.Recipes;

namespace Sigma.Tests.Recipes;

[Trait("Category", "recipes")]
public sealed class RecipeProblemTests : IDisposable
{
    private readonly RecipeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // Unknown keys, with the nearest known one.
    [InlineData("optimizer:\n  lrr: 1", "recipe.yaml:2: optimizer.lrr is unknown; the nearest key is optimizer.lr")]
    [InlineData("optimizer: { epohcs: 1 }", "recipe.yaml:1: optimizer.epohcs is unknown; the nearest key is optimizer.epochs")]
    [InlineData("objective: { normalizeTarget: true }", "recipe.yaml:1: objective.normalizeTarget is unknown; the nearest key is objective.normaliseTarget")]
    [InlineData("optimiser: { lr: 1 }", "recipe.yaml:1: optimiser is unknown; the nearest key is optimizer")]
    [InlineData("prototypes: 5", "recipe.yaml:1: prototypes is unknown; the nearest key is objective.prototypes")]
    [InlineData("mask: { prototypes: 5 }", "recipe.yaml:1: mask.prototypes is unknown; the nearest key is objective.prototypes")]
    [InlineData("health: { somethingElse: 5 }", "recipe.yaml:1: health.somethingElse is unknown; health holds onCollapse")]
    [InlineData("optimizer.lr: 5", "recipe.yaml:1: optimizer.lr is written with a dot, as for --set; in a file write the key beneath \"optimizer:\", indented")]
    // Values of the wrong type.
    [InlineData("objective: { prototypes: many }", "recipe.yaml:1: objective.prototypes is many, but must be a whole number below 2147483648")]
    [InlineData("objective: { prototypes: 1e3 }", "recipe.yaml:1: objective.prototypes is 1e3, but must be a whole number below 2147483648")]
    [InlineData("objective: { prototypes: 3000000000 }", "recipe.yaml:1: objective.prototypes is 3000000000, but must be a whole number below 2147483648")]
    [InlineData("optimizer: { lr: '1e-3' }", "recipe.yaml:1: optimizer.lr is \"1e-3\", but must be a number, without quotes")]
    [InlineData("optimizer: { lr: .nan }", "recipe.yaml:1: optimizer.lr is .nan, but must be a number")]
    [InlineData("optimizer: { lr: 1e999 }", "recipe.yaml:1: optimizer.lr is 1e999, but must be a number")]
    [InlineData("optimizer: { lr: 1,5 }", "recipe.yaml:1: optimizer.5 is unknown; optimizer holds lr, finalLr, weightDecay, betas, eps, batch, accumulate, epochs, warmupEpochs, steps, clipGradient, averageWeights, shardState")]
    [InlineData("optimizer:\n  lr:", "recipe.yaml:2: optimizer.lr is empty, but must be a number")]
    [InlineData("optimizer: { clipGradient: none }", "recipe.yaml:1: optimizer.clipGradient is none, but must be a number (or null)")]
    [InlineData("optimizer: { betas: 0.9 }", "recipe.yaml:1: optimizer.betas is 0.9, but must be a list of numbers, such as [0.9, 0.95]")]
    [InlineData("optimizer: { betas: [[0.9], 0.95] }", "recipe.yaml:1: optimizer.betas is a list of lists or groups, but must be a list of numbers, such as [0.9, 0.95]")]
    [InlineData("optimizer: { lr: [1] }", "recipe.yaml:1: optimizer.lr is [1], but must be a number")]
    [InlineData("optimizer: { lr: { base: 1 } }", "recipe.yaml:1: optimizer.lr holds further keys, but must be a number")]
    [InlineData("clip: { flip: yes }", "recipe.yaml:1: clip.flip is yes, but must be true or false")]
    [InlineData("mask: { kind: tubes }", "recipe.yaml:1: mask.kind is tubes, but must be one of tube, random, frame, simulated-motion, motion-guided; the nearest is tube")]
    [InlineData("precision: double", "recipe.yaml:1: precision is double, but must be one of float32, bf16, fp16")]
    [InlineData("model: vit-s", "recipe.yaml:1: model is a section; write its keys beneath it, indented: size, width, depth, heads, decoderWidth, decoderDepth, decoderHeads, positions, positionFrames, positionSize, checkpointActivations")]
    [InlineData("objective: { teacher: '' }", "recipe.yaml:1: objective.teacher is \"\", but must be the path of a file (or null)")]
    // Values that make no sense.
    [InlineData("objective: { prototypes: 1 }", "recipe.yaml:1: objective.prototypes is 1, but must be at least 2: one prototype would hold every tube (published: 3000)")]
    [InlineData("objective: { epsilon: 0 }", "recipe.yaml:1: objective.epsilon is 0, but must be greater than 0")]
    [InlineData("mask: { ratio: 0 }", "recipe.yaml:1: mask.ratio is 0, but must be greater than 0 and less than 1: a mask hides something and leaves something to see (published: 0.9)")]
    [InlineData("mask: { ratio: 1 }", "recipe.yaml:1: mask.ratio is 1, but must be greater than 0 and less than 1: a mask hides something and leaves something to see (published: 0.9)")]
    [InlineData("mask: { ratio: 0.005 }", "recipe.yaml:1: mask.ratio is 0.005, which hides none of the 196 cells of a slice: int(ratio × cells) must be at least 1")]
    [InlineData("mask: { kind: frame, ratio: 0.05 }", "recipe.yaml:1: mask.ratio is 0.05, which hides none of the 8 slices of a clip: round(ratio × slices), with one left visible, must be at least 1")]
    [InlineData("mask: { kind: frame }\nclip: { frames: 2 }", "recipe.yaml:2: mask.ratio is 0.9, which hides none of the 1 slices of a clip: round(ratio × slices), with one left visible, must be at least 1")]
    [InlineData("clip: { size: 225 }", "recipe.yaml:1: clip.size is 225, which clip.tubeSize (16) does not divide: a clip is cut into whole tubes")]
    [InlineData("clip:\n  tubeFrames: 3", "recipe.yaml:2: clip.frames is 16, which clip.tubeFrames (3) does not divide: a clip is cut into whole tubes")]
    [InlineData("clip: { size: 0 }", "recipe.yaml:1: clip.size is 0, but must lie between 1 and 4096")]
    [InlineData("clip: { size: 2000000000, tubeSize: 1 }", "recipe.yaml:1: clip.size is 2000000000, but must lie between 1 and 4096")]
    [InlineData("clip: { size: 4096, tubeSize: 1 }", "recipe.yaml:1: clip.size gives 134217728 tubes a clip with this clip.frames, clip.tubeFrames and clip.tubeSize, but attention over more than 1000000 is out of reach (published: 1568)")]
    [InlineData("model: { width: 385, heads: 5 }", "recipe.yaml:1: model.width is 385, but the sine-cosine position table needs an even width")]
    [InlineData("model: { heads: 7 }", "recipe.yaml:1: model.width is 384, which model.heads (7) does not divide: every head takes an equal share of the width")]
    [InlineData("model: { decoderHeads: 7 }", "recipe.yaml:1: model.decoderWidth is 192, which model.decoderHeads (7) does not divide: every head takes an equal share of the width")]
    [InlineData("optimizer: { betas: [0.9] }", "recipe.yaml:1: optimizer.betas is [0.9], but must be two numbers from 0 up to but not including 1, such as [0.9, 0.95]")]
    [InlineData("optimizer: { epochs: 10 }", "recipe.yaml:1: optimizer.warmupEpochs is 40, but the run has only 10 epochs (optimizer.epochs)")]
    [InlineData("optimizer: { accumulate: 3 }", "recipe.yaml:1: optimizer.batch is 512, which optimizer.accumulate (3) does not divide: micro-batches are of one size")]
    [InlineData("clip: { repeats: 3 }", "recipe.yaml:1: optimizer.batch is 512, in micro-batches of 512, which clip.repeats (3) does not divide: the clips of one decoded video stay together")]
    [InlineData("optimizer: { finalLr: 1 }", "recipe.yaml:1: optimizer.finalLr is 1, but the cosine falls: at most optimizer.lr (0.00015)")]
    [InlineData("optimizer: { averageWeights: 1 }", "recipe.yaml:1: optimizer.averageWeights is 1, but must lie between 0 and 1, both excluded (or null for no average)")]
    [InlineData("data: { decoder: gpu }", "recipe.yaml:1: data.decoder is gpu, but must be one of cpu, nvdec; the nearest is cpu")]
    [InlineData("mask: { kind: motion-guided }\ndata: { decoder: nvdec }", "recipe.yaml:2: data.decoder is nvdec, but mask.kind motion-guided reads motion vectors, which the CPU's decoders alone hand out: give data.decoder cpu")]
    [InlineData("objective: { projection: [] }", "recipe.yaml:1: objective.projection is empty, but φ needs at least one layer")]
    [InlineData("seed: -1", "recipe.yaml:1: seed is -1, but must be at least 0")]
    // Files that are no recipe.
    [InlineData("", "recipe.yaml: holds no settings")]
    [InlineData("seed: 1\n\0", "recipe.yaml:2: holds a control character: a recipe is plain text")]
    [InlineData("# only this", "recipe.yaml: holds no settings")]
    [InlineData("- a\n- b", "recipe.yaml:1: is no recipe: a recipe is lines of key: value, grouped into sections")]
    [InlineData("seed: 1\n---\nseed: 2", "recipe.yaml: holds more than one YAML document (---), but a recipe is one")]
    [InlineData("seed: 1\nseed: 2", "recipe.yaml:2: seed is given twice, first in line 1; keep one")]
    [InlineData("clip: { size: 32 }\nclip: { size: 64 }", "recipe.yaml:2: clip is given twice, first in line 1; keep one")]
    [InlineData("clip:\n  size: 32\n  size: 64", "recipe.yaml:3: clip.size is given twice, first in line 2; keep one")]
    [InlineData("clip:\n  size: &a 32\n  tubeSize: *a", "recipe.yaml:3: clip.tubeSize is the alias *a; recipes have none, so write the value itself")]
    [InlineData("clip: { [a, b]: 1 }", "recipe.yaml:1: clip holds something that is no key")]
    // Other recipes.
    [InlineData("extends: [a, b]", "recipe.yaml:1: extends must be the path of one recipe, relative to this file")]
    [InlineData("extends: \"a\\0b\"", "recipe.yaml:1: extends must be the path of one recipe, relative to this file")]
    [InlineData("seed: 1\nextends: recipes.yaml", "recipe.yaml:2: extends is recipes.yaml, but there is no such recipe; the nearest is recipe.yaml")]
    [InlineData("extends: recipe.yaml", "recipe.yaml:1: extends goes in a circle: recipe.yaml → recipe.yaml")]
    public void A_problem_is_told_with_its_place_and_what_would_be_right(string yaml, string told) =>
        Assert.Equal([told], _folder.ProblemsOf(yaml));

    [Theory]
    [InlineData("optimizer.lr", "--set optimizer.lr: is not key=value, such as --set optimizer.lr=1e-3")]
    [InlineData("optimizer.lrr=1", "--set optimizer.lrr=1: optimizer.lrr is unknown; the nearest key is optimizer.lr")]
    [InlineData("optimizer.lr=fast", "--set optimizer.lr=fast: optimizer.lr is fast, but must be a number")]
    [InlineData("optimizer.lr=", "--set optimizer.lr=: optimizer.lr is empty, but must be a number")]
    [InlineData("optimizer.lr=0", "--set optimizer.lr=0: optimizer.lr is 0, but must be greater than 0")]
    [InlineData("optimizer.betas=0.9", "--set optimizer.betas=0.9: optimizer.betas is 0.9, but must be a list of numbers, such as [0.9, 0.95]")]
    [InlineData("model=vit-b", "--set model=vit-b: model is a section; set one of its keys, such as --set model.size=VALUE")]
    [InlineData("extends=a.yaml", "--set extends=a.yaml: extends belongs in a recipe file: --set changes single values")]
    [InlineData("clip.tubeSize=10", "--set clip.tubeSize=10: clip.size is 224, which clip.tubeSize (10) does not divide: a clip is cut into whole tubes")]
    public void An_override_is_checked_like_the_file_and_named_as_given(string argument, string told) =>
        Assert.Equal([told], _folder.ProblemsOf("clip: { size: 224 }", argument));

    [Fact]
    public void All_problems_of_all_files_and_overrides_are_told_together()
    {
        _folder.Write("mask: { ratio: 2 }\nclip: { strid: 1 }", "base.yaml");

        var problems = _folder.ProblemsOf(
            "extends: base.yaml\nobjective:\n  prototypes: 1\n  epsilon: small\nclip:\n  size: 230", "model.width=7", "sed=1");

        Assert.Equal(
            [
                "base.yaml:2: clip.strid is unknown; the nearest key is clip.stride",
                "--set sed=1: sed is unknown; the nearest key is seed",
                "recipe.yaml:4: objective.epsilon is small, but must be a number",
                "--set model.width=7: model.width is 7, but the sine-cosine position table needs an even width",
                "--set model.width=7: model.width is 7, which model.heads (6) does not divide: every head takes an equal share of the width",
                "recipe.yaml:6: clip.size is 230, which clip.tubeSize (16) does not divide: a clip is cut into whole tubes",
                "base.yaml:1: mask.ratio is 2, but must be greater than 0 and less than 1: a mask hides something and leaves something to see (published: 0.9)",
                "recipe.yaml:3: objective.prototypes is 1, but must be at least 2: one prototype would hold every tube (published: 3000)",
            ],
            problems);
    }

    [Fact]
    public void Of_two_values_that_do_not_fit_the_later_one_is_pointed_at()
    {
        _folder.Write("clip:\n  size: 224\n  tubeSize: 16\n  frames: 16\n  tubeFrames: 2", "base.yaml");

        Assert.Equal(
            ["--set clip.tubeSize=12: clip.size is 64, which clip.tubeSize (12) does not divide: a clip is cut into whole tubes"],
            _folder.ProblemsOf("extends: base.yaml\nclip:\n  tubeSize: 8\n  size: 64", "clip.size=64", "clip.tubeSize=12"));
        Assert.Equal(
            ["recipe.yaml:4: clip.size is 64, which clip.tubeSize (12) does not divide: a clip is cut into whole tubes"],
            _folder.ProblemsOf("extends: base.yaml\nclip:\n  tubeSize: 12\n  size: 64"));
    }

    [Fact]
    public void A_circle_of_recipes_is_shown()
    {
        _folder.Write("extends: recipe.yaml", "other.yaml");

        Assert.Equal(
            ["other.yaml:1: extends goes in a circle: recipe.yaml → other.yaml → recipe.yaml"],
            _folder.ProblemsOf("extends: other.yaml"));
    }

    [Fact]
    public void A_missing_recipe_is_told_with_the_nearest_there_is()
    {
        _folder.Write("seed: 1", "laptop.yaml");

        var e = Assert.Throws<RecipeException>(() => Recipe.Load(_folder["labtop.yaml"]));

        Assert.EndsWith("labtop.yaml: there is no such recipe; the nearest is laptop.yaml", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_YAML_is_told_with_its_line()
    {
        var problem = Assert.Single(_folder.ProblemsOf("seed: 1\nclip: { size: 32"));

        Assert.Matches("^recipe.yaml:[23]: is not YAML: .", problem);
    }

    [Fact]
    public void A_value_that_cannot_be_read_is_not_held_against_others() =>
        Assert.Single(_folder.ProblemsOf("clip: { size: small, tubeSize: 17 }"));
}

using System.Text.Json;
using Sigma.Benchmarks;
using Sigma.Models;
using Sigma.Objectives;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Parity;

[Trait("Category", "parity")]
public sealed class PretrainParityTests
{
    public static TheoryData<string> Files => GoldenFile.OfKind("pretrain");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_step_computes_what_the_published_code_computes(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        var recipe = RecipeOf(file);
        using var model = new MaskedVideoModel(recipe, recipe.Objective.NeedsTeacher ? file.Int("out_dim") : 0, seed: 1);
        model.Load(file.Parameters());
        ITarget target = recipe.Objective.NeedsTeacher
            ? new GivenTokens(file["in.teacher_features"], recipe.Objective.NormaliseTarget)
            : new PixelTarget(recipe.Clip.TubeValues, recipe.Objective.NormaliseTarget);
        using var step = new PretrainStep(recipe, model, target, Device.Cpu);
        var (clips, visible, hidden) = (Clips(file["in.videos"]), Index(file["in.mask"], 0), Index(file["in.mask"], 1));

        var tubes = ClipTubes.Cut(clips, recipe.Clip.TubeFrames, recipe.Clip.TubeSize);
        var labels = target.Of(clips, tubes, hidden);
        file.Matches("out.labels", labels, GoldenFile.ValueTolerance);
        using (new NoGrad())
        {
            var prediction = model.Forward(tubes, visible, hidden);
            file.Matches("out.prediction", prediction, GoldenFile.ValueTolerance);
            if (file.Has("out.scores_projection"))
                ClusteringMatches(file, recipe, model, prediction, labels);
        }

        var result = step.Accumulate(clips, visible, hidden);
        file.Matches("out.loss", result.Loss, GoldenFile.ValueTolerance);
        foreach (var (parameter, value) in model.Parameters())
        {
            if (file.Has($"grad.{parameter}"))
                file.Matches($"grad.{parameter}", value.Grad!, GoldenFile.GradientTolerance);
            else
                file.SumsMatch($"gradsum.{parameter}", value.Grad!, GoldenFile.GradientTolerance);
        }
        step.Update(RateOf(file));
        foreach (var (parameter, value) in model.Parameters())
        {
            if (file.Has($"step.{parameter}"))
                file.StepMatches(parameter, value, RateOf(file), recipe.Optimizer.Eps);
            else
                file.SumsMatch($"stepsum.{parameter}", value, GoldenFile.GradientTolerance);
        }
        file.Matches("out.loss_after_step", step.Accumulate(clips, visible, hidden).Loss, GoldenFile.GradientTolerance);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_composition_that_the_benchmarks_hold_ours_against_computes_the_same(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        var recipe = RecipeOf(file);
        using var model = new MaskedVideoModel(recipe, recipe.Objective.NeedsTeacher ? file.Int("out_dim") : 0, seed: 1);
        model.Load(file.Parameters());
        using var step = new PublishedStep(
            recipe, model, recipe.Objective.NeedsTeacher ? new GivenTokens(file["in.teacher_features"], recipe.Objective.NormaliseTarget) : null, Device.Cpu);
        var mask = F.To(file["in.mask"], ScalarType.Bool);

        file.Matches("out.loss", step.Accumulate(file["in.videos"], mask), GoldenFile.ValueTolerance);
        foreach (var (parameter, value) in model.Parameters().Where(p => file.Has($"grad.{p.Name}")))
            file.Matches($"grad.{parameter}", value.Grad!, GoldenFile.GradientTolerance);
        step.Update(RateOf(file));
        foreach (var (parameter, value) in model.Parameters().Where(p => file.Has($"step.{p.Name}")))
            file.StepMatches(parameter, value, RateOf(file), recipe.Optimizer.Eps);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Parameters_decay_or_not_as_in_the_published_code(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        var free = JsonSerializer.Deserialize<string[]>(file.Settings["no_decay"])!;
        Assert.Equal(free.Order(StringComparer.Ordinal), file.Parameters()
            .Where(p => !ParameterGroups.Decays(p.Key, p.Value)).Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    private static void ClusteringMatches(GoldenFile file, Recipe recipe, MaskedVideoModel model, Tensor prediction, Tensor labels)
    {
        var settings = recipe.Objective;
        var prototypes = F.Normalize(model.Prototypes!, 1);
        var scores = F.Linear(F.Normalize(model.Projection?.Forward(labels) ?? labels, -1), prototypes);
        var predicted = F.Linear(F.Normalize(prediction, -1), prototypes);
        foreach (var (side, value) in new[] { ("projection", scores), ("prediction", predicted) })
        {
            file.Matches($"out.scores_{side}", value, GoldenFile.ValueTolerance);
            var flat = F.Reshape(value, -1, settings.Prototypes);
            var q = Sinkhorn.Assign(flat, settings.Epsilon, settings.Iterations);
            // exp(score / ε) magnifies the rounding of a score by 1/ε, so values of Q carry that factor.
            file.Matches($"out.q_{side}", F.Reshape(q, value.Shape), GoldenFile.ValueTolerance / settings.Epsilon);
            file.LabelsMatch($"out.assignment_{side}", Sinkhorn.Labels(flat, settings.Epsilon, settings.Iterations), $"out.q_{side}");
        }
    }

    /// <summary>[B, 3, T, H, W] to [B, T, H, W, 3].</summary>
    private static Tensor Clips(Tensor videos) => F.Contiguous(F.Permute(videos, 0, 2, 3, 4, 1));

    /// <summary>The places of a mask [B, N] that have a value, ascending: [B, n].</summary>
    private static Tensor Index(Tensor mask, byte wanted)
    {
        var bits = F.To(mask, ScalarType.UInt8).ToArray<byte>();
        var (batch, tubes) = ((int)mask.Size(0), (int)mask.Size(1));
        long[] places = [.. Enumerable.Range(0, bits.Length).Where(i => bits[i] == wanted).Select(i => (long)i % tubes)];
        return Tensor.From(places, batch, places.Length / batch);
    }

    private static double RateOf(GoldenFile file)
    {
        using var json = JsonDocument.Parse(file.Settings["adamw"]);
        return json.RootElement.GetProperty("lr").GetDouble();
    }

    private static Recipe RecipeOf(GoldenFile file)
    {
        using var encoder = JsonDocument.Parse(file.Settings["encoder"]);
        using var decoder = JsonDocument.Parse(file.Settings["decoder"]);
        using var adamw = JsonDocument.Parse(file.Settings["adamw"]);
        int Of(JsonDocument part, string key) => part.RootElement.GetProperty(key).GetInt32();
        var betas = adamw.RootElement.GetProperty("betas");
        var target = file.Settings["target"] switch
        {
            "mlp" when file.Settings["loss"] == "L2" => TargetKind.Features,
            "mlp" => TargetKind.Mlp,
            "pixel" => TargetKind.Pixel,
            "dino_v2" => TargetKind.DinoV2,
            _ => TargetKind.DinoV1,
        };
        // φ's widths are those of the weights in the file: head.0.weight is [1024, 1536] and so on.
        int[] widths = [.. file.Names.Where(n => n.StartsWith("param.head.", StringComparison.Ordinal) && n.EndsWith(".weight", StringComparison.Ordinal))
            .OrderBy(n => int.Parse(n.Split('.')[2], System.Globalization.CultureInfo.InvariantCulture)).Select(n => (int)file[n].Size(0))];
        return new Recipe
        {
            Model = new ModelRecipe
            {
                Width = Of(encoder, "dim"),
                Depth = Of(encoder, "depth"),
                Heads = Of(encoder, "heads"),
                DecoderWidth = Of(decoder, "dim"),
                DecoderDepth = Of(decoder, "depth"),
                DecoderHeads = Of(decoder, "heads"),
            },
            Clip = new ClipRecipe { Frames = file.Int("frames"), Size = file.Int("img_size"), TubeFrames = file.Int("tubelet"), TubeSize = file.Int("patch_size") },
            Objective = new ObjectiveRecipe
            {
                Target = target,
                NormaliseTarget = file.Settings["normalise_target"] == "true",
                Prototypes = file.Int("prototypes"),
                Epsilon = file.Double("epsilon"),
                Iterations = file.Int("iterations"),
                Temperature = file.Double("temperature"),
                Projection = [.. widths],
            },
            Optimizer = new OptimizerRecipe
            {
                Betas = [betas[0].GetDouble(), betas[1].GetDouble()],
                Eps = adamw.RootElement.GetProperty("eps").GetDouble(),
                WeightDecay = adamw.RootElement.GetProperty("weight_decay").GetDouble(),
            },
        };
    }

    /// <summary>A teacher whose tokens are known beforehand, standardised per channel over the clip as training does.</summary>
    private sealed class GivenTokens(Tensor given, bool standardise) : ITarget
    {
        public int Width => (int)given.Size(-1);

        public Tensor Of(Tensor clips, Tensor tubes, Tensor hidden, Tensor? tokens = null) => TeacherTokens.Hidden(given, hidden, standardise);
    }
}

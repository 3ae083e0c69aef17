using System.Globalization;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Benchmarks;

/// <summary>
/// A step of pre-training as the published code composes it, on the same engine and the same weights: tubes of the whole
/// clip embedded and standardised, attention with its matrix of scores, Q written anew in every round, logits kept for
/// backward, weights moved one tensor after the other. What Python forgets where a function returns is freed there, what its
/// training loop keeps to the step's end is kept. The baseline of the benchmarks and the oracle of the tests.
/// </summary>
internal sealed class PublishedStep : IDisposable
{
    private const double NormEpsilon = 1e-6;
    private readonly Recipe recipe;
    private readonly Device device;
    private readonly ITarget? teacher;
    private readonly MaskedVideoModel model;
    private readonly Dictionary<string, Tensor> weights;
    private readonly Dictionary<string, (Tensor First, Tensor Second)> moments = [];
    private readonly Tensor encoderPositions, decoderPositions;
    private long steps;

    /// <summary>A step over a model's weights, which stay the model's.</summary>
    /// <param name="recipe">Sizes and settings.</param>
    /// <param name="model">Whose weights are trained.</param>
    /// <param name="teacher">Makes the targets of SIGMA-DINO; null where they are made from pixels.</param>
    /// <param name="device">Where it computes.</param>
    public PublishedStep(Recipe recipe, MaskedVideoModel model, ITarget? teacher, Device device)
    {
        (this.recipe, this.model, this.teacher, this.device) = (recipe, model, teacher, device);
        weights = model.Parameters().ToDictionary(p => p.Name, p => p.Value);
        encoderPositions = Table(recipe.Clip.Tubes, recipe.Model.Width, device);
        decoderPositions = Table(recipe.Clip.Tubes, recipe.Model.DecoderWidth, device);
    }

    /// <summary>Targets, predictions, loss and gradients of a batch.</summary>
    /// <param name="clips">[B, 3, T, H, W], normalised, as the published loader hands them out.</param>
    /// <param name="mask">[B, N] Bool, true where hidden.</param>
    /// <returns>The loss, in the caller's scope.</returns>
    public Tensor Accumulate(Tensor clips, Tensor mask)
    {
        using var scope = new TensorScope();
        (clips, mask) = (F.To(clips, device), F.To(mask, device));
        Tensor loss;
        using (new Autocast(device, recipe.Precision.Type()))
        {
            var targets = Targets(clips, mask);
            var predictions = Predictions(clips, mask);
            loss = recipe.Objective.Target switch
            {
                TargetKind.Pixel => F.MseLoss(F.To(predictions, ScalarType.Float32), targets),
                TargetKind.Features => F.MseLoss(F.To(predictions, ScalarType.Float32), F.To(Projection(targets), ScalarType.Float32)),
                _ => Clustering(predictions, recipe.Objective.Target == TargetKind.Mlp ? Projection(targets) : targets),
            };
        }
        loss.Backward();
        return scope.Keep(loss);
    }

    /// <summary>AdamW over one tensor after the other, in the order of operations of PyTorch's.</summary>
    public void Update(double rate)
    {
        using var noGrad = new NoGrad();
        using (new TensorScope())
            _ = GradientNorm.Of(model);
        steps++;
        var (beta1, beta2) = (recipe.Optimizer.Betas[0], recipe.Optimizer.Betas[1]);
        foreach (var (name, weight) in weights)
        {
            if (weight.Grad is not { } gradient)
                continue;
            using var scope = new TensorScope();
            if (!moments.TryGetValue(name, out var moment))
                moments.Add(name, moment = (F.ZerosLike(F.Detach(weight)).KeepForever(), F.ZerosLike(F.Detach(weight)).KeepForever()));
            if (ParameterGroups.Decays(name, weight))
                F.Mul_(weight, 1 - rate * recipe.Optimizer.WeightDecay);
            F.Mul_(moment.First, beta1);
            F.Add_(moment.First, gradient, 1 - beta1);
            F.Mul_(moment.Second, beta2);
            Operator.Get("aten::addcmul_").Run(moment.Second, gradient, gradient, 1 - beta2);
            var root = F.Sqrt(moment.Second) / Math.Sqrt(1 - Math.Pow(beta2, steps)) + recipe.Optimizer.Eps;
            Operator.Get("aten::addcdiv_").Run(weight, moment.First, root, -rate / (1 - Math.Pow(beta1, steps)));
            weight.Grad = null;
        }
    }

    /// <summary>Frees the moments and the tables of positions.</summary>
    public void Dispose()
    {
        encoderPositions.Dispose();
        decoderPositions.Dispose();
        foreach (var (first, second) in moments.Values)
        {
            first.Dispose();
            second.Dispose();
        }
    }

    /// <summary>Of all tubes, then those that are hidden: [B, M, P].</summary>
    private Tensor Targets(Tensor clips, Tensor mask)
    {
        using var noGrad = new NoGrad();
        if (teacher is not null)
        {
            var index = F.Reshape(F.Select(Operator.Get("aten::nonzero").Call(mask), 1, 1), mask.Size(0), -1);
            return teacher.Of(F.Contiguous(F.Permute(clips, 0, 2, 3, 4, 1)), clips, index);
        }
        Tensor Colours(ReadOnlySpan<float> three) => F.To(Tensor.From(three, 1, 3, 1, 1, 1), device);
        var pixels = Part(() => clips * Colours(ClipTubes.Deviation) + Colours(ClipTubes.Mean));
        var (shape, clip) = (clips.Shape, recipe.Clip);
        var split = F.Reshape(pixels, shape[0], 3, clip.Slices, clip.TubeFrames, clip.Grid, clip.TubeSize, clip.Grid, clip.TubeSize);
        var tubes = F.Reshape(F.Permute(split, 0, 2, 4, 6, 3, 5, 7, 1), shape[0], clip.Tubes, -1, 3); // [B, N, P/3, 3]
        if (recipe.Objective.NormaliseTarget)
        {
            var plain = tubes;
            tubes = Part(() => (plain - F.Mean(plain, [2], keep: true)) / (F.Sqrt(F.Variance(plain, [2], unbiased: true, keep: true)) + NormEpsilon));
        }
        return Rows(F.Reshape(tubes, shape[0], clip.Tubes, -1), mask);
    }

    private Tensor Predictions(Tensor clips, Tensor mask)
    {
        using var scope = new TensorScope();
        var (sizes, clip) = (recipe.Model, recipe.Clip);
        var seenMask = Operator.Get("aten::logical_not").Call(mask);
        var seen = F.Linear(Part(() => Encode(clips, seenMask)), weights["encoder_to_decoder.weight"]); // [B, N - M, D']
        var positions = F.Expand(decoderPositions, clips.Size(0), -1, -1);
        var all = Part(() => F.Cat([seen + Rows(positions, seenMask), weights["mask_token"] + Rows(positions, mask)], 1)); // [B, N, D']
        var mixed = Blocks("decoder", all, sizes.DecoderDepth, sizes.DecoderHeads);
        var hidden = clip.Tubes - seen.Size(1);
        return scope.Keep(Linear(Norm(F.Narrow(mixed, 1, clip.Tubes - hidden, hidden), "decoder.norm"), "decoder.head"));
    }

    /// <summary>All tubes embedded [B, N, D], and of those the visible ones encoded [B, N - M, D].</summary>
    private Tensor Encode(Tensor clips, Tensor seenMask)
    {
        var (sizes, clip) = (recipe.Model, recipe.Clip);
        var tokens = Part(() =>
        {
            var embedded = F.Conv3d(clips, weights["encoder.patch_embed.proj.weight"], weights["encoder.patch_embed.proj.bias"], [clip.TubeFrames, clip.TubeSize, clip.TubeSize]);
            return F.Transpose(F.Reshape(embedded, clips.Size(0), sizes.Width, -1), 1, 2)
                + (weights.GetValueOrDefault("encoder.pos_embed") ?? encoderPositions);
        });
        return Norm(Blocks("encoder", Rows(tokens, seenMask), sizes.Depth, sizes.Heads), "encoder.norm");
    }

    private Tensor Clustering(Tensor predictions, Tensor features)
    {
        var (objective, prototypes) = (recipe.Objective, weights["prototypes"]);
        using (new NoGrad())
            F.Copy_(prototypes, F.Normalize(prototypes, 1));
        using var wide = new Autocast(device, ScalarType.Float32);
        var (featureScores, featureShares) = Assignments(features, prototypes);
        var (predictedScores, predictedShares) = Assignments(predictions, objective.SymmetricPrototypeGradient ? prototypes : F.Detach(prototypes));
        var (featureLabels, featureLogits) = (Labels(featureShares), Logits(featureScores));
        var (predictedLabels, predictedLogits) = (Labels(predictedShares), Logits(predictedScores));
        return Loss(featureLogits, predictedLabels) + Loss(predictedLogits, featureLabels);
    }

    /// <summary>Scores and Q of a side, both [B, M, K].</summary>
    private (Tensor Scores, Tensor Shares) Assignments(Tensor x, Tensor prototypes)
    {
        using var scope = new TensorScope();
        var (batch, hidden) = (x.Size(0), x.Size(1));
        var scores = F.Linear(F.Normalize(F.Reshape(F.To(x, ScalarType.Float32), -1, x.Size(-1)), 1), prototypes);
        var shares = PublishedSinkhorn.Assign(scores, recipe.Objective.Epsilon, recipe.Objective.Iterations);
        return (scope.Keep(F.Reshape(scores, batch, hidden, -1)), scope.Keep(F.Reshape(shares, batch, hidden, -1)));
    }

    private static Tensor Labels(Tensor shares)
    {
        using (shares)
            return F.ArgMax(shares, -1);
    }

    private Tensor Logits(Tensor scores)
    {
        using (scores)
            return scores / recipe.Objective.Temperature;
    }

    /// <summary>The classes in the middle, as the published loss has them: [B, K, M] against [B, M].</summary>
    private static Tensor Loss(Tensor logits, Tensor labels) => Part(() => F.CrossEntropy(F.Permute(logits, 0, 2, 1), labels));

    private Tensor Blocks(string part, Tensor x, int depth, int heads)
    {
        for (var i = 0; i < depth; i++)
        {
            var block = string.Create(CultureInfo.InvariantCulture, $"{part}.blocks.{i}");
            var (query, value, before) = (weights[$"{block}.attn.q_bias"], weights[$"{block}.attn.v_bias"], x);
            var between = Part(() =>
            {
                var qkv = F.Linear(Norm(before, $"{block}.norm1"), weights[$"{block}.attn.qkv.weight"], F.Cat([query, F.ZerosLike(value), value], 0));
                return before + Linear(PublishedAttention.Mix(qkv, heads), $"{block}.attn.proj");
            });
            x = Part(() => between + Linear(F.Gelu(Linear(Norm(between, $"{block}.norm2"), $"{block}.mlp.fc1")), $"{block}.mlp.fc2"));
        }
        return x;
    }

    private Tensor Projection(Tensor targets)
    {
        for (var i = 0; i < recipe.Objective.Projection.Count; i++)
        {
            var layer = string.Create(CultureInfo.InvariantCulture, $"head.{2 * i}");
            targets = Linear(i == 0 ? targets : F.Gelu(targets), layer);
        }
        return targets;
    }

    private Tensor Linear(Tensor x, string name) => F.Linear(x, weights[$"{name}.weight"], weights[$"{name}.bias"]);

    private Tensor Norm(Tensor x, string name) => F.LayerNorm(x, weights[$"{name}.weight"], weights[$"{name}.bias"], NormEpsilon);

    /// <summary>A part of which only the result stays, beside what backward needs.</summary>
    private static Tensor Part(Func<Tensor> compute)
    {
        using var scope = new TensorScope();
        return scope.Keep(compute());
    }

    private static Tensor Table(int tubes, int width, Device device)
    {
        using var scope = new TensorScope();
        return scope.Keep(F.To(F.Reshape(Positions.SineCosine(tubes, width), 1, tubes, width), device)).KeepForever();
    }

    /// <summary>The tokens [B, n, D] of [B, N, D] where a mask is true.</summary>
    private static Tensor Rows(Tensor tokens, Tensor mask) =>
        F.Reshape(Operator.Get("aten::index.Tensor").Call(tokens, new Tensor?[] { mask }), tokens.Size(0), -1, tokens.Size(2));
}

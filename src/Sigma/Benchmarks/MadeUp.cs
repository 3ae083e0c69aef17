using Sigma.Data;
using Sigma.Masking;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>Made-up input for benchmarks: the same for the same seed, and no file is read.</summary>
internal static class MadeUp
{
    /// <summary>Numbers even between -1 and 1.</summary>
    public static Tensor Numbers(long seed, params long[] shape)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Order);
        var tensor = Tensor.Empty(shape);
        foreach (ref var number in tensor.Data<float>())
            number = (float)(2 * random.NextDouble() - 1);
        return tensor;
    }

    /// <summary>Clips [B, T, H, W, 3] of random bytes with a mask of the recipe for each.</summary>
    /// <returns>The clips, and the visible [B, N − M] and hidden [B, M] tubes.</returns>
    public static (Tensor Clips, Tensor Visible, Tensor Hidden) Batch(Recipe recipe, int batch, int seed = 1)
    {
        var clip = recipe.Clip;
        var clips = Tensor.Empty([batch, clip.Frames, clip.Size, clip.Size, 3], ScalarType.UInt8);
        new Random(seed).NextBytes(clips.Bytes);
        var sampler = new MaskSampler(recipe.Mask, clip);
        var (visible, hidden) = (new List<long>(), new List<long>());
        for (var i = 0; i < batch; i++)
        {
            var random = new CounterRandom(seed, 0, i, Purpose.Mask);
            var mask = sampler.Draw(null, ref random);
            visible.AddRange(mask.VisibleTubes().Select(t => (long)t));
            hidden.AddRange(mask.HiddenTubes().Select(t => (long)t));
        }
        return (clips, Tensor.From([.. visible], batch, visible.Count / batch), Tensor.From([.. hidden], batch, hidden.Count / batch));
    }

    /// <summary>Clips [B, T, H, W, 3] of bytes as the published loader hands them out: [B, 3, T, H, W], normalised.</summary>
    public static Tensor PublishedClips(Tensor clips)
    {
        using var scope = new TensorScope();
        var pixels = (F.To(clips, ScalarType.Float32) / 255 - Tensor.From(ClipTubes.Mean)) / Tensor.From(ClipTubes.Deviation);
        return scope.Keep(F.Contiguous(F.Permute(pixels, 0, 4, 1, 2, 3)));
    }

    /// <summary>Hidden tubes [B, M] as the published mask [B, N], true where hidden.</summary>
    public static Tensor PublishedMask(Recipe recipe, Tensor hidden)
    {
        var mask = F.Zeros([hidden.Size(0), recipe.Clip.Tubes], ScalarType.Bool);
        Operator.Get("aten::scatter_.value").Run(mask, 1, hidden, true);
        return mask;
    }

    /// <summary>A DINO ViT-B of the published shape with made-up weights: as much work as the real one.</summary>
    public static DinoTeacher Teacher(TargetKind kind, Device device)
    {
        var shape = kind == TargetKind.DinoV2
            ? new DinoShape(768, 12, 12, 3072, 14, 37, 4, true)
            : new DinoShape(768, 12, 12, 3072, 16, 14, 0, false);
        using var scope = new TensorScope();
        return new DinoTeacher(shape, shape.Tensors().ToDictionary(t => t.Key, t => F.Full(t.Value, 0.01)), device);
    }
}

using Sigma.Data;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>Frozen features of labelled clips.</summary>
/// <param name="Values">[N, D].</param>
/// <param name="Labels">[N].</param>
/// <param name="Samples">[N], places in the manifest.</param>
public sealed record Features(Tensor Values, Tensor Labels, IReadOnlyList<int> Samples);

/// <summary>Runs an encoder over the centre clip of every video of a list.</summary>
public static class FeatureExtractor
{
    private const int Batch = 64;

    /// <summary>
    /// Features of every readable video, by several maps at once so that each video is decoded once.
    /// </summary>
    /// <param name="manifest">Videos with labels.</param>
    /// <param name="clip">Shape and stride of the clips.</param>
    /// <param name="maps">Each takes clips [B, T, H, W, 3] of bytes to features [B, D].</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="BadInputException">No video can be read, or one has no label.</exception>
    public static Features[] Extract(Manifest manifest, ClipRecipe clip, IReadOnlyList<Func<Tensor, Tensor>> maps, CancellationToken stop = default)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var parts = maps.Select(_ => new List<Tensor>()).ToArray();
        var samples = new List<int>();
        foreach (var (batch, clips) in new EvaluationClips(manifest, clip, Batch).Read(stop))
        {
            using var step = new TensorScope();
            for (var i = 0; i < parts.Length; i++)
                parts[i].Add(step.Keep(F.To(maps[i](clips), ScalarType.Float32, Device.Cpu)));
            samples.AddRange(batch);
        }
        if (samples.Count == 0)
            throw new BadInputException("none of the videos to evaluate could be read");
        long[] labels = [.. samples.Select(s => (long)(manifest[s].Label ?? throw new BadInputException($"{manifest[s].Path} has no label")))];
        return [.. parts.Select(p => new Features(scope.Keep(F.Cat([.. p], 0)), scope.Keep(Tensor.From(labels)), samples))];
    }

    /// <summary>Mean over the tokens of an encoder that sees every tube: clips [B, T, H, W, 3] to [B, D].</summary>
    public static Tensor MeanOfTokens(VideoEncoder encoder, Tensor clips)
    {
        using var scope = new TensorScope();
        return scope.Keep(F.Mean(encoder.Forward(clips), [1]));
    }

    /// <summary>The pixels themselves in [0, 1]: clips [B, T, H, W, 3] to [B, T·H·W·3].</summary>
    public static Tensor Pixels(Tensor clips) => F.To(F.Reshape(clips, clips.Size(0), -1), ScalarType.Float32) / 255;
}

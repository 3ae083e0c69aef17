using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Data.Augmentation;

/// <summary>
/// How a micro-batch is mixed: clip b with clip B − 1 − b, the same way for all of them. Mixup (Zhang et al. 2018) adds both
/// by their shares; cutmix (Yun et al. 2019) puts a box of the partner through all frames. The labels follow the shares.
/// </summary>
/// <param name="Share">λ, what a clip keeps of itself.</param>
/// <param name="Box">The partner's box for cutmix; null for mixup.</param>
internal sealed record Mixing(double Share, Mixing.Rectangle? Box)
{
    /// <summary>A box in pixels: rows Top … Bottom − 1, columns Left … Right − 1.</summary>
    internal readonly record struct Rectangle(int Top, int Bottom, int Left, int Right);

    /// <summary>Clips as they are.</summary>
    public static Mixing None { get; } = new(1, null);

    /// <summary>Draws how a micro-batch is mixed.</summary>
    /// <param name="recipe">α of both, and how often which</param>
    /// <param name="size">side of the clips, pixels</param>
    /// <param name="random">the micro-batch's stream for <see cref="Purpose.Mixing"/></param>
    public static Mixing Draw(AugmentationRecipe recipe, int size, ref CounterRandom random)
    {
        var cut = recipe.Cutmix > 0 && (recipe.Mixup == 0 || random.NextDouble() < recipe.CutmixShare);
        var alpha = cut ? recipe.Cutmix : recipe.Mixup;
        if (alpha == 0)
            return None;
        var share = BetaDistribution.Draw(alpha, ref random);
        if (!cut)
            return new(share, null);
        // The box is centred anywhere and cut off at the borders; the share is what it really leaves.
        var side = (int)(size * Math.Sqrt(1 - share));
        var (y, x) = (random.NextInt(size), random.NextInt(size));
        var box = new Rectangle(Math.Max(y - side / 2, 0), Math.Min(y + side / 2, size), Math.Max(x - side / 2, 0), Math.Min(x + side / 2, size));
        return new(1 - (double)(box.Bottom - box.Top) * (box.Right - box.Left) / ((double)size * size), box);
    }

    /// <summary>Mixes clips [B, T, H, W, 3]: cutmix keeps their type, mixup makes bytes normalised numbers.</summary>
    public Tensor Clips(Tensor clips)
    {
        if (Share == 1)
            return clips;
        using var scope = new TensorScope();
        if (Box is not { } box)
        {
            var numbers = ClipTubes.Normalised(clips);
            return scope.Keep(numbers * Share + Partners(numbers) * (1 - Share));
        }
        var mixed = F.Clone(clips);
        F.Copy_(Inside(mixed, box), Inside(Partners(clips), box));
        return scope.Keep(mixed);
    }

    /// <summary>
    /// The classes a micro-batch should be given, [B, classes], each row summing to 1: λ of a clip's own label and 1 − λ of its
    /// partner's, each label smoothed: <paramref name="smoothing"/> of it spread evenly over all classes.
    /// </summary>
    public Tensor Labels(IReadOnlyList<int> labels, int classes, double smoothing)
    {
        var rows = new float[labels.Count * classes];
        rows.AsSpan().Fill((float)(smoothing / classes));
        for (var i = 0; i < labels.Count; i++)
        {
            rows[i * classes + labels[i]] += (float)((1 - smoothing) * Share);
            rows[i * classes + labels[^(i + 1)]] += (float)((1 - smoothing) * (1 - Share));
        }
        return Tensor.From(rows, labels.Count, classes);
    }

    /// <summary>The clips in reverse order.</summary>
    private static Tensor Partners(Tensor clips) => Operator.Get("aten::flip").Call(clips, new long[] { 0 });

    private static Tensor Inside(Tensor clips, Rectangle box) =>
        F.Narrow(F.Narrow(clips, 2, box.Top, box.Bottom - box.Top), 3, box.Left, box.Right - box.Left);
}

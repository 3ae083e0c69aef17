using Sigma.Recipes;

namespace Sigma.Data;

/// <summary>
/// Which videos the micro-batches of a run are made of: arithmetic alone, so that a run continued in the middle goes on
/// as if it had never stopped. An epoch is <see cref="StepsPerEpoch"/> updates; what the last one leaves over of the
/// videos has its turn in another epoch, whose order is another.
/// </summary>
internal sealed class ClipSchedule
{
    /// <summary>A stream of random numbers is told from others by a repeat below this.</summary>
    private const int RepeatLimit = 1 << 24;

    private readonly int count;
    private readonly int rounds;

    /// <summary>Lays out the run.</summary>
    /// <param name="count">videos of the manifest, at least 1</param>
    /// <param name="recipe">batch, accumulation and repeats</param>
    public ClipSchedule(int count, Recipe recipe)
        : this(count, recipe.Clip.Repeats, recipe.Optimizer)
    {
    }

    /// <summary>Lays out the run.</summary>
    /// <param name="count">videos of the manifest, at least 1</param>
    /// <param name="repeats">clips drawn from one opened video</param>
    /// <param name="optimizer">batch and accumulation</param>
    public ClipSchedule(int count, int repeats, OptimizerRecipe optimizer)
    {
        this.count = count;
        Repeats = repeats;
        Videos = optimizer.MicroBatch / Repeats;
        StepsPerEpoch = (int)Math.Max(1, (long)count * Repeats / optimizer.Batch);
        MicroStepsPerEpoch = (long)StepsPerEpoch * optimizer.Accumulate;
        rounds = (int)((MicroStepsPerEpoch * Videos + count - 1) / count);
    }

    /// <summary>Clips drawn from one opened video.</summary>
    public int Repeats { get; }

    /// <summary>Videos of a micro-batch.</summary>
    public int Videos { get; }

    /// <summary>Updates of an epoch: count × repeats / batch, at least one.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>Micro-batches of an epoch.</summary>
    public long MicroStepsPerEpoch { get; }

    /// <summary>The epoch a micro-step belongs to, and the position in its order of the micro-batch's first video.</summary>
    public (int Epoch, long Position) Locate(long microStep)
    {
        var (epoch, step) = Math.DivRem(microStep, MicroStepsPerEpoch);
        return (checked((int)epoch), step * Videos);
    }

    /// <summary>
    /// The video for a position of an epoch, and which visit to that video this is. Fewer videos than a batch wrap around.
    /// Where a video cannot be read, the next positions' videos stand in for it: <paramref name="shift"/> counts how many
    /// were tried before. Every pair of position and shift is a visit of its own, so a stand-in is another clip than the
    /// one that same video gives at its own position.
    /// </summary>
    public (int Sample, int Visit) Visit(EpochOrder order, long position, int shift)
    {
        var (round, place) = Math.DivRem(position, count);
        var sample = order[(int)((place + shift) % count)];
        return (sample, (int)(((long)shift * rounds + round) % (RepeatLimit / Repeats)));
    }
}

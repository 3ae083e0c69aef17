namespace Sigma.Data;

/// <summary>Tells a clip from all others of a run; every random draw for it follows from this.</summary>
/// <param name="Seed">the run's seed</param>
/// <param name="Epoch">epoch, from 0</param>
/// <param name="Sample">index of the video in the manifest</param>
/// <param name="Repeat">which of the clips drawn from this video in this epoch</param>
internal readonly record struct ClipKey(long Seed, int Epoch, int Sample, int Repeat)
{
    /// <summary>The stream of random numbers for one purpose, from its beginning.</summary>
    public CounterRandom Stream(Purpose purpose) => new(Seed, Epoch, Sample, purpose, Repeat);
}

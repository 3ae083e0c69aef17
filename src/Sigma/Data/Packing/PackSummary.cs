namespace Sigma.Data.Packing;

/// <summary>What packing came to.</summary>
/// <param name="Videos">videos that were packed</param>
/// <param name="Unreadable">videos that could not be read, by name</param>
/// <param name="Shards">tar files</param>
/// <param name="Bytes">of the packed videos</param>
/// <param name="SourceBytes">of the files they were made from</param>
/// <param name="Psnr">
/// Peak signal-to-noise ratio in dB, over all samples of luma and chroma, of what decodes to the resized pictures that were
/// encoded
/// </param>
/// <param name="Labelled">whether the videos have labels</param>
public sealed record PackSummary(
    int Videos, IReadOnlyList<UnreadableVideo> Unreadable, int Shards, long Bytes, long SourceBytes, double Psnr, bool Labelled)
{
    private const double MostPsnr = 99; // where nothing was lost

    internal static PackSummary Of(PackState state)
    {
        var (error, samples) = (state.Shards.Sum(shard => shard.SquaredError), state.Shards.Sum(shard => shard.Samples));
        return new(
            state.Shards.Sum(shard => shard.Videos), [.. state.Shards.SelectMany(shard => shard.Unreadable)], state.Shards.Count,
            state.Shards.Sum(shard => shard.VideoBytes), state.Shards.Sum(shard => shard.SourceBytes),
            error > 0 ? Math.Min(10 * Math.Log10(255.0 * 255 * samples / error), MostPsnr) : MostPsnr, state.Labelled);
    }
}

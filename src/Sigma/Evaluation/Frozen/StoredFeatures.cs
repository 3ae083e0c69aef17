using Sigma.Data;
using Sigma.Torch;

namespace Sigma.Evaluation.Frozen;

/// <summary>
/// Features of all views of a list of videos, in open files: any of them can be read in any order, and none needs to
/// be in memory. Row v of video i is i · views + v.
/// </summary>
public sealed class StoredFeatures : IDisposable
{
    private readonly IReadOnlyList<FeatureShard> shards;
    private readonly int[] shardOf;
    private readonly int[] firstOf;
    private readonly Lazy<int[]> labels;

    internal StoredFeatures(Manifest manifest, int views, IReadOnlyList<FeatureShard> shards)
    {
        (Manifest, Views, this.shards) = (manifest, views, shards);
        Samples = [.. shards.SelectMany(s => s.Samples)];
        shardOf = [.. shards.SelectMany((s, i) => Enumerable.Repeat(i, s.Samples.Length))];
        firstOf = [.. shards.Select((_, i) => shards.Take(i).Sum(s => s.Samples.Length))];
        labels = new(() => [.. Samples.Select(s => manifest[s].Label ?? throw new BadInputException($"{manifest[s].Path} has no label"))]);
    }

    /// <summary>The list of videos.</summary>
    public Manifest Manifest { get; }

    /// <summary>Views of every video.</summary>
    public int Views { get; }

    /// <summary>[V], the places of the readable videos in the list.</summary>
    public IReadOnlyList<int> Samples { get; }

    /// <summary>[V], their classes.</summary>
    /// <exception cref="BadInputException">The list has no labels.</exception>
    public IReadOnlyList<int> Labels => labels.Value;

    /// <summary>Features of some rows, float32, on the CPU: [n, D] or [n, N, D].</summary>
    /// <exception cref="IOException">A file was cut short, or cannot be read.</exception>
    public Tensor Rows(ReadOnlySpan<int> rows)
    {
        using var scope = new TensorScope();
        var shape = shards[0].RowShape;
        var tensor = Tensor.Empty([rows.Length, .. shape], shards[0].Type);
        var bytes = tensor.Bytes;
        var length = shards[0].RowBytes;
        for (var i = 0; i < rows.Length; i++)
        {
            var shard = shardOf[rows[i] / Views];
            shards[shard].Read(rows[i] - firstOf[shard] * Views, bytes[(i * length)..]);
        }
        return scope.Keep(F.To(tensor, ScalarType.Float32));
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var shard in shards)
            shard.Dispose();
    }
}

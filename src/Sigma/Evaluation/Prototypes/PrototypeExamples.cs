using System.Runtime.InteropServices;
using Sigma.Data;
using Sigma.Masking;
using Sigma.Media;
using Sigma.Training;

namespace Sigma.Evaluation.Prototypes;

/// <summary>A tube that stands for a prototype.</summary>
/// <param name="Video">The file.</param>
/// <param name="Frame">The tube's first frame in the video, from 0.</param>
/// <param name="Row">Of the tube in its slice.</param>
/// <param name="Column">Of the tube in its slice.</param>
/// <param name="Cosine">Between its feature and the prototype.</param>
/// <param name="Surroundings">[3 · tube size, 3 · tube size, 3], the tube's first frame with as much again on each side; grey beyond the picture.</param>
public sealed record PrototypeExample(string Video, int Frame, int Row, int Column, float Cosine, byte[] Surroundings);

/// <summary>
/// What the prototypes of a network stand for: how many tubes of some videos each has, and those nearest to it, one a video.
/// </summary>
public sealed class PrototypeExamples
{
    private const byte Beyond = 128;

    private readonly PrototypeNetwork network;
    private readonly int most;
    private readonly List<PrototypeExample>[] examples;
    private readonly long[] tubes;

    /// <summary>Nothing seen yet.</summary>
    /// <param name="network">Assigns the tubes.</param>
    /// <param name="most">Examples of a prototype.</param>
    public PrototypeExamples(PrototypeNetwork network, int most)
    {
        (this.network, this.most) = (network, most);
        tubes = new long[network.Count];
        examples = [.. tubes.Select(_ => new List<PrototypeExample>())];
    }

    /// <summary>Height and width of a tube, pixels.</summary>
    public int TubeSize => network.Recipe.Clip.TubeSize;

    /// <summary>Tubes seen.</summary>
    public long Tubes => tubes.Sum();

    /// <summary>Prototypes that have a tube.</summary>
    public int Used => tubes.Count(count => count > 0);

    /// <summary>Entropy of their use over ln K: 1 when all K are used alike, 0 when one has every tube.</summary>
    public double Entropy => PrototypeUse.Entropy([.. tubes.Select(count => (double)count)]);

    /// <summary>The prototypes that have a tube, those of most first: how many, and the examples nearest first.</summary>
    public IEnumerable<(int Prototype, long Tubes, IReadOnlyList<PrototypeExample> Examples)> Prototypes => tubes
        .Select((count, prototype) => (prototype, count, (IReadOnlyList<PrototypeExample>)examples[prototype]))
        .Where(p => p.count > 0).OrderByDescending(p => p.count).ThenBy(p => p.prototype);

    /// <summary>Takes in one clip of each video.</summary>
    /// <param name="videos">The videos.</param>
    /// <param name="stop">Ends it early.</param>
    /// <returns>Those that cannot be read.</returns>
    /// <exception cref="BadInputException">None of them can be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public UnreadableVideos Add(Manifest videos, CancellationToken stop)
    {
        var unreadable = new UnreadableVideos();
        for (var i = 0; i < videos.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                Add(InspectedClip.Read(videos[i].Path, network.Recipe));
            }
            catch (MediaException failure)
            {
                unreadable.Add(failure);
            }
        }
        return Tubes > 0 ? unreadable : throw new BadInputException($"none of the {videos.Count} videos can be read, such as {videos[0].Path}");
    }

    /// <summary>Takes in one clip.</summary>
    public void Add(InspectedClip clip)
    {
        var (prototypes, cosines) = network.Assign(clip);
        var best = new Dictionary<int, int>(); // of every prototype in the clip, its nearest tube
        for (var tube = 0; tube < prototypes.Length; tube++)
        {
            tubes[prototypes[tube]]++;
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(best, prototypes[tube], out var seen);
            if (!seen || cosines[tube] > cosines[place])
                place = tube;
        }
        foreach (var (prototype, tube) in best)
        {
            var own = examples[prototype];
            var at = own.FindIndex(other => other.Cosine < cosines[tube]);
            if (at < 0 && own.Count >= most)
                continue;
            own.Insert(at < 0 ? own.Count : at, Example(clip, tube, cosines[tube]));
            if (own.Count > most)
                own.RemoveAt(most);
        }
    }

    private PrototypeExample Example(InspectedClip clip, int tube, float cosine)
    {
        var grid = clip.Mask.Grid;
        var (slice, cell) = (tube / grid.CellsPerSlice, tube % grid.CellsPerSlice);
        var (row, column, frame) = (cell / grid.Columns, cell % grid.Columns, slice * clip.Clip.TubeFrames);
        var (size, side) = (clip.Clip.Size, 3 * TubeSize);
        var pixels = new byte[side * side * 3];
        pixels.AsSpan().Fill(Beyond);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var (fromY, fromX) = ((row - 1) * TubeSize + y, (column - 1) * TubeSize + x);
                if (fromY >= 0 && fromY < size && fromX >= 0 && fromX < size)
                    clip.Pixels.Span.Slice(((frame * size + fromY) * size + fromX) * 3, 3).CopyTo(pixels.AsSpan((y * side + x) * 3));
            }
        }
        return new(clip.Video.Path, clip.Frames[frame], row, column, cosine, pixels);
    }
}

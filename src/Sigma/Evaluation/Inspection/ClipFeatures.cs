using Sigma.Data;
using Sigma.Evaluation.Frozen;
using Sigma.Masking;
using Sigma.Media;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Inspection;

/// <summary>What an encoder makes of a clip, all of whose tubes it sees: the middle clip of a video, the square in its middle.</summary>
public sealed class ClipFeatures
{
    /// <summary>Principal components that are kept: as many as a picture has colours.</summary>
    public const int Kept = 3;

    private readonly double[] components;

    private ClipFeatures(VideoInfo video, int[] frames, byte[] pixels, int size, int tubeFrames, TubeGrid grid, Tensor tokens)
    {
        (Video, Frames, Pixels, Size, TubeFrames, Grid, Width) = (video, frames, pixels, size, tubeFrames, grid, tokens.Size(1));
        Rank = EffectiveRank.Of(tokens) ?? throw new BadInputException($"the network makes tokens of {video.Path} that are not finite");
        var (first, shares) = PrincipalComponents.First(tokens, Kept);
        (components, Shares) = (first.ToArray<double>(), shares);
        (CosineBeside, CosineNextSlice, CosineAny) = Cosines(tokens, grid);
    }

    /// <summary>Size, rate and codec.</summary>
    public VideoInfo Video { get; }

    /// <summary>[T], which frames of the video these are, from 0.</summary>
    public IReadOnlyList<int> Frames { get; }

    /// <summary>[T, size, size, 3].</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>Height and width of the clip, pixels.</summary>
    public int Size { get; }

    /// <summary>Frames of a tube.</summary>
    public int TubeFrames { get; }

    /// <summary>The clip's tubes.</summary>
    public TubeGrid Grid { get; }

    /// <summary>Numbers D of a token.</summary>
    public long Width { get; }

    /// <summary>RankMe of the tokens: D where they use all directions alike, 1 where all are multiples of one.</summary>
    public double Rank { get; }

    /// <summary>[D], the share of the tokens' variance that each principal component has, falling.</summary>
    public IReadOnlyList<double> Shares { get; }

    /// <summary>Mean cosine of two tokens beside or below each other; null where a slice has one tube.</summary>
    public double? CosineBeside { get; }

    /// <summary>Mean cosine of two tokens at the same place in two slices that follow each other; null where there is one slice.</summary>
    public double? CosineNextSlice { get; }

    /// <summary>Mean cosine of any two tokens; null where there is one.</summary>
    public double? CosineAny { get; }

    /// <summary>How many principal components have a share of the variance together.</summary>
    public int ComponentsFor(double share)
    {
        var (count, sum) = (0, 0.0);
        while (count < Shares.Count && sum < share)
            sum += Shares[count++];
        return count;
    }

    /// <summary>[N] of one of the first components, in the order time, row, column; zeros where there are fewer.</summary>
    internal double[] Component(int component)
    {
        var kept = components.Length / Grid.Tubes;
        return [.. Enumerable.Range(0, Grid.Tubes).Select(tube => component < kept ? components[tube * kept + component] : 0)];
    }

    /// <summary>Reads the clip that <c>sigma embed</c> reads with one view, and has it encoded.</summary>
    /// <param name="path">A video, or a picture, which counts as a video that stands still.</param>
    /// <param name="encoder">The network, on <paramref name="device"/>.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="MediaException">The video cannot be read.</exception>
    /// <exception cref="BadInputException">The tokens are not finite.</exception>
    public static ClipFeatures Read(string path, FrozenEncoder encoder, Device device)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        using var video = ClipReader.Open(path);
        var clip = encoder.Clip;
        var pixels = new byte[checked(clip.Frames * clip.Size * clip.Size * 3)];
        var frames = ViewClips.Read(video, new TestViews(clip, 1, 1), pixels);
        var tokens = encoder.Tokens(F.To(Tensor.From<byte>(pixels, 1, clip.Frames, clip.Size, clip.Size, 3), device)); // [1, N, D]
        var side = clip.Size / clip.TubeSize;
        return new(video.Info, frames, pixels, clip.Size, clip.TubeFrames, new(clip.Frames / clip.TubeFrames, side, side),
            F.To(F.Reshape(tokens, tokens.Size(1), -1), ScalarType.Float32, Device.Cpu));
    }

    private static (double? Beside, double? NextSlice, double? Any) Cosines(Tensor tokens, TubeGrid grid)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var directions = F.Reshape(F.Normalize(F.To(tokens, ScalarType.Float64), 1), grid.Slices, grid.Rows, grid.Columns, -1);
        const int slices = 0, rows = 1, columns = 2;
        var (below, right, next) = (Products(rows), Products(columns), Products(slices));
        var sum = F.Sum(directions, [0, 1, 2]);
        // Of all pairs, those of a token with itself left out.
        var any = grid.Tubes > 1 ? (F.Sum(F.Square(sum)).Item() - F.Sum(F.Square(directions)).Item()) / ((double)grid.Tubes * (grid.Tubes - 1)) : (double?)null;
        return (Mean(below.Sum + right.Sum, below.Count + right.Count), Mean(next.Sum, next.Count), any);

        // Of the tokens one apart along a dimension.
        (double Sum, long Count) Products(int dimension)
        {
            var pairs = directions.Size(dimension) - 1;
            return pairs < 1 ? (0, 0) : (
                F.Sum(F.Narrow(directions, dimension, 0, pairs) * F.Narrow(directions, dimension, 1, pairs)).Item(),
                grid.Tubes / directions.Size(dimension) * pairs);
        }

        static double? Mean(double sum, long count) => count > 0 ? sum / count : null;
    }
}

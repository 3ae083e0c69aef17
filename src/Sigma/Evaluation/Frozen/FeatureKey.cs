using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sigma.Data;

namespace Sigma.Evaluation.Frozen;

/// <summary>
/// What features depend on, and so what they are kept under: the weights, the clips, the views and the videos. Labels are
/// none of it.
/// </summary>
/// <param name="Weights">SHA-256 of the file with the weights.</param>
/// <param name="Encoder">Sizes of the encoder, which the weights do not tell all.</param>
/// <param name="Clip">Frames, sampling, stride and size of a clip.</param>
/// <param name="Views">Views of a video.</param>
/// <param name="Videos">SHA-256 over name, length and time of change of every video.</param>
/// <param name="Kind">What is kept of a clip: <c>mean</c> of its tokens, or all <c>tokens</c>.</param>
public sealed record FeatureKey(string Weights, string Encoder, string Clip, string Views, string Videos, string Kind)
{
    /// <summary>Counts up when features are computed or kept in another way.</summary>
    private const int Format = 1;

    /// <summary>The key of an encoder's features of a list of videos.</summary>
    internal static FeatureKey Of(FrozenEncoder encoder, Manifest manifest, TestViews views, FeatureKind kind)
    {
        var (shape, clip) = (encoder.Encoder.Shape, encoder.Clip);
        return new(
            encoder.Hash,
            FormattableString.Invariant($"{shape.Width}x{shape.Depth}x{shape.Heads}, {shape.Slices}x{shape.Rows}x{shape.Rows} of {shape.TubeFrames}x{shape.TubeSize}, positions {shape.LearnedPositions} {shape.TableOf}"),
            FormattableString.Invariant($"{clip.Frames} {clip.Sampling} {clip.Stride} {clip.Size}"),
            FormattableString.Invariant($"{views.Segments}x{views.Crops}"),
            VideosOf(manifest),
            kind.ToString());
    }

    /// <summary>One number for all of it, in hexadecimal.</summary>
    public string Hash() => ContentHash.Of($"{Format} {JsonSerializer.Serialize(this)}");

    // A list may stay the same while its files are made anew, and two folders may have files of the same names.
    private static string VideosOf(Manifest manifest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < manifest.Count; i++)
        {
            var file = new FileInfo(manifest[i].Path);
            var (length, changed) = file.Exists ? (file.Length, file.LastWriteTimeUtc.Ticks) : (-1, 0);
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{manifest.Name(i)}\n{length} {changed}\n")));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>What is kept of a clip.</summary>
public enum FeatureKind
{
    /// <summary>The mean of its tokens, float32.</summary>
    Mean,

    /// <summary>All its tokens, float16: a third of their digits is more than a probe can tell.</summary>
    Tokens,
}

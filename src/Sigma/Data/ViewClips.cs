using System.Buffers;

namespace Sigma.Data;

/// <summary>
/// All views of every video of a manifest. Each video is decoded once, the frames of all views in one pass, and the views
/// are cut out of them.
/// </summary>
/// <param name="manifest">the videos</param>
/// <param name="views">which views of each</param>
/// <param name="workers">threads that decode; 0 for as many as there are cores</param>
/// <param name="rank">which of the ranks this is: they take turns with the batches</param>
/// <param name="ranks">number of ranks</param>
public sealed class ViewClips(Manifest manifest, TestViews views, int workers = 0, int rank = 0, int ranks = 1)
    : ManifestClips(manifest, Videos(manifest, views, ranks), views.Count, views.Clip.Frames, views.Clip.Size, workers, rank, ranks)
{
    /// <summary>Clips of a batch, unless one video has more.</summary>
    private const int Clips = 32;

    /// <summary>Videos of a batch: so few that every rank has its share of a short list.</summary>
    private static int Videos(Manifest manifest, TestViews views, int ranks) =>
        Math.Clamp(Clips / views.Count, 1, Math.Max(1, (manifest.Count + ranks - 1) / ranks));

    /// <inheritdoc/>
    private protected override void Read(ClipReader video, Span<byte> pixels) => Read(video, views, pixels);

    /// <summary>Reads the frames of all segments of one video in one pass, resized, and cuts the views out of them.</summary>
    /// <param name="video">the video</param>
    /// <param name="views">which views</param>
    /// <param name="pixels">[views, T, size, size, 3], receives them</param>
    /// <returns>[segments · T], the frames of the video</returns>
    /// <exception cref="Media.MediaException">the video cannot be read</exception>
    internal static int[] Read(ClipReader video, TestViews views, Span<byte> pixels)
    {
        var (width, height) = views.Resized(video.Info);
        var buffer = ArrayPool<byte>.Shared.Rent(checked(views.Segments * views.Clip.Frames * width * height * 3));
        try
        {
            var frames = video.Read(count => [.. views.Frames(count).SelectMany(segment => segment)], null, width, height, buffer);
            Cut(views, buffer, frames.Length, width, height, pixels);
            return frames;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Cut(TestViews views, ReadOnlySpan<byte> source, int frames, int width, int height, Span<byte> pixels)
    {
        var (clip, row, target) = (views.Clip, views.Clip.Size * 3, 0);
        for (var first = 0; first < frames; first += clip.Frames)
        {
            foreach (var (x, y) in views.Corners(width, height))
            {
                for (var frame = first; frame < first + clip.Frames; frame++)
                {
                    for (var line = 0; line < clip.Size; line++, target += row)
                        source.Slice(((frame * height + y + line) * width + x) * 3, row).CopyTo(pixels[target..]);
                }
            }
        }
    }
}

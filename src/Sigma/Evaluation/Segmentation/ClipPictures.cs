using System.Collections.Concurrent;
using Sigma.Media;

namespace Sigma.Evaluation.Segmentation;

/// <summary>Reads the pictures and masks of a clip, each the whole picture brought to a square.</summary>
internal static class ClipPictures
{
    /// <summary>Frames at one or several sizes, each decoded once: for each size [T, size, size, 3].</summary>
    /// <exception cref="MediaException">A file is missing or no picture; the message names it.</exception>
    public static byte[][] Frames(SegmentationVideo clip, params int[] sizes)
    {
        var rgb = sizes.Select(size => new byte[clip.Frames.Count * size * size * 3]).ToArray();
        ForEach(clip.Frames.Count, frame =>
        {
            using var picture = VideoReader.Open(clip.Frames[frame]);
            for (var i = 0; i < sizes.Length; i++)
            {
                var bytes = sizes[i] * sizes[i] * 3;
                picture.Read([0], null, sizes[i], sizes[i], rgb[i].AsSpan(frame * bytes, bytes));
            }
        });
        return rgb;
    }

    /// <summary>Masks with the nearest pixel's number: [T, size, size].</summary>
    /// <exception cref="MediaException">A file is missing or no mask; the message names it.</exception>
    public static ObjectMasks Masks(SegmentationVideo clip, int size)
    {
        var numbers = new byte[clip.Masks.Count * size * size];
        ForEach(clip.Masks.Count, frame => Nearest(MaskImage.Read(clip.Masks[frame]), size, numbers.AsSpan(frame * size * size, size * size)));
        return new(numbers, clip.Masks.Count, size);
    }

    /// <summary>The pixel in which the middle of each new pixel lies.</summary>
    internal static void Nearest(MaskImage mask, int size, Span<byte> numbers)
    {
        for (var y = 0; y < size; y++)
        {
            var row = mask.Numbers.AsSpan((int)((2L * y + 1) * mask.Height / (2 * size)) * mask.Width, mask.Width);
            for (var x = 0; x < size; x++)
                numbers[y * size + x] = row[(int)((2L * x + 1) * mask.Width / (2 * size))];
        }
    }

    /// <summary>Side by side; the first failure in order is thrown as it is, not wrapped.</summary>
    private static void ForEach(int count, Action<int> body)
    {
        var failures = new ConcurrentDictionary<int, Exception>();
        Parallel.For(0, count, i =>
        {
            try
            {
                body(i);
            }
            catch (Exception failure) when (failure is MediaException or IOException)
            {
                failures[i] = failure;
            }
        });
        if (!failures.IsEmpty)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failures.MinBy(failure => failure.Key).Value);
    }
}

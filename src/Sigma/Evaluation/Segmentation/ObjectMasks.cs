namespace Sigma.Evaluation.Segmentation;

/// <summary>
/// The true masks of a clip's frames at the size where they are compared, and the objects that occur in them. Number 0 is
/// the background, an object like the others; number 255 is left out of every count, as data sets mark what is undecided.
/// </summary>
public sealed class ObjectMasks
{
    /// <summary>The number of pixels that are not counted.</summary>
    public const byte Undecided = 255;

    private readonly int[] placeOf = new int[256];

    /// <summary>Masks [T, size, size] of one clip.</summary>
    /// <exception cref="ArgumentException">Their number does not fit the sizes.</exception>
    public ObjectMasks(byte[] numbers, int frames, int size)
    {
        if (numbers.Length != frames * size * size)
            throw new ArgumentException($"{frames} masks of {size}×{size} have {frames * size * size} pixels, not {numbers.Length}", nameof(numbers));
        (Numbers, Frames, Size) = (numbers, frames, size);
        var present = new bool[256];
        foreach (var number in numbers)
            present[number] = true;
        Objects = [.. Enumerable.Range(0, Undecided).Where(number => present[number])];
        Array.Fill(placeOf, -1);
        for (var place = 0; place < Objects.Count; place++)
            placeOf[Objects[place]] = place;
    }

    /// <summary>[T, size, size].</summary>
    public byte[] Numbers { get; }

    /// <summary>T.</summary>
    public int Frames { get; }

    /// <summary>Height and width in pixels.</summary>
    public int Size { get; }

    /// <summary>The numbers that occur, in order.</summary>
    public IReadOnlyList<int> Objects { get; }

    /// <summary>
    /// Pixels that each cluster shares with each object: [K, objects].
    /// </summary>
    /// <param name="labels">[S, size, size], the cluster of each pixel of a slice; a slice's labels serve T / S frames.</param>
    /// <param name="clusters">K.</param>
    public long[,] Overlap(byte[] labels, int clusters)
    {
        var overlap = new long[clusters, Objects.Count];
        var plane = Size * Size;
        var framesOfSlice = Frames / (labels.Length / plane);
        for (var frame = 0; frame < Frames; frame++)
        {
            var mask = Numbers.AsSpan(frame * plane, plane);
            var predicted = labels.AsSpan(frame / framesOfSlice * plane, plane);
            for (var i = 0; i < plane; i++)
            {
                if (placeOf[mask[i]] is >= 0 and var place)
                    overlap[predicted[i], place]++;
            }
        }
        return overlap;
    }
}

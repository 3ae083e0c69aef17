using Sigma.Checkpoints.Storage;

namespace Sigma.Checkpoints.Pickle;

/// <summary>A window that moves over the bytes of one pickle, and the budget for what may be built from it.</summary>
internal sealed class PickleInput(ByteSource source, long start, long end)
{
    /// <summary>Longest pickle that is read. A checkpoint of a thousand tensors takes a tenth of a megabyte.</summary>
    public const long MaxBytes = 64L << 20;

    /// <summary>What may be built, counted in small objects of about 32 bytes. A published checkpoint with its optimiser takes
    /// a hundredth of it; what reaches it has taken a few tenths of a second.</summary>
    const int MaxObjects = 4_000_000;

    const int MaxLine = 1 << 20;
    const int WindowBytes = 1 << 16;

    readonly long end = Math.Min(end, start + MaxBytes);
    readonly bool cut = end > start + MaxBytes;
    byte[] window = [];
    int at;
    int filled;
    long windowEnd = start;
    int objects;

    /// <summary>Byte of the source that is read next.</summary>
    public long Position => windowEnd - (filled - at);

    public long Remaining => end - Position;

    /// <summary>Where the running instruction starts, for messages.</summary>
    public long InstructionStart { get; private set; } = start;

    public CheckpointFormatException Fault(string what) => source.Fault(InstructionStart, what);

    /// <summary>Counts what an instruction builds.</summary>
    public void Charge(long cost)
    {
        if (cost > MaxObjects - objects)
            throw Fault($"the pickle builds more than {MaxObjects} small objects, far more than a checkpoint has");
        objects += (int)cost;
    }

    public byte NextInstruction()
    {
        InstructionStart = Position;
        Charge(1);
        return Take(1, "an instruction")[0];
    }

    public byte Byte() => Take(1, "a byte")[0];

    /// <summary>The next bytes. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Take(long count, string what)
    {
        if (count < 0 || count > Remaining)
            throw Fault(cut && count >= 0
                ? $"the pickle is longer than {MaxBytes} bytes"
                : $"{what} of {count} bytes runs past the end of the pickle, {Remaining} bytes are left");
        if (filled - at < count) Fill((int)count);
        var bytes = window.AsSpan(at, (int)count);
        at += (int)count;
        return bytes;
    }

    /// <summary>The next bytes up to a line feed, which is passed over.</summary>
    public ReadOnlySpan<byte> Line()
    {
        for (var wanted = 256; ; wanted *= 4)
        {
            var ahead = (int)Math.Min(wanted, Remaining);
            if (filled - at < ahead) Fill(ahead);
            var length = window.AsSpan(at, ahead).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = window.AsSpan(at, length);
                at += length + 1;
                return line;
            }
            if (ahead < wanted) throw Fault("a line of the pickle has no end");
            if (wanted >= MaxLine) throw Fault($"a line of the pickle is longer than {MaxLine} bytes");
        }
    }

    void Fill(int count)
    {
        var position = Position;
        var length = (int)Math.Min(Math.Max(count, WindowBytes), end - position);
        if (window.Length < length) window = new byte[length];
        source.Read(position, window.AsSpan(0, length));
        (at, filled, windowEnd) = (0, length, position + length);
    }
}

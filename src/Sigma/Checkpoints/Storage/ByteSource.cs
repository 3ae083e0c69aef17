using Microsoft.Win32.SafeHandles;

namespace Sigma.Checkpoints.Storage;

/// <summary>Bytes that can be read at any offset: a file that stays where it is, or memory.</summary>
internal abstract class ByteSource(string name, long length) : IDisposable
{
    /// <summary>What the bytes are called in messages.</summary>
    public string Name { get; } = name;

    public long Length { get; } = length;

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="CheckpointFormatException">The range runs past the end.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length || destination.Length > Length - offset)
            throw Fault(Math.Clamp(offset, 0, Length), $"{destination.Length} bytes were expected here, the file ends at {Length}");
        ReadCore(offset, destination);
    }

    public CheckpointFormatException Fault(long offset, string what) => new(Name, offset, what);

    protected abstract void ReadCore(long offset, Span<byte> destination);

    public abstract void Dispose();
}

/// <summary>A file, read where and when it is asked for. Positioned reads rather than a memory map: many threads may read at
/// once, and a file cut short under our feet is an error instead of a signal that ends the process.</summary>
internal sealed class FileBytes : ByteSource
{
    readonly SafeFileHandle handle;

    FileBytes(string path, SafeFileHandle handle) : base(path, RandomAccess.GetLength(handle)) => this.handle = handle;

    public static FileBytes Open(string path) =>
        new(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess));

    protected override void ReadCore(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(handle, destination, offset);
            if (count == 0) throw Fault(offset, "the file became shorter while it was read");
            offset += count;
            destination = destination[count..];
        }
    }

    public override void Dispose() => handle.Dispose();
}

/// <summary>Bytes that are in memory already.</summary>
internal sealed class MemoryBytes(string name, ReadOnlyMemory<byte> bytes) : ByteSource(name, bytes.Length)
{
    protected override void ReadCore(long offset, Span<byte> destination) =>
        bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);

    public override void Dispose()
    {
    }
}

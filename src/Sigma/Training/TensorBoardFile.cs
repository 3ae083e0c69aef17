using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sigma.Training;

/// <summary>
/// Scalars as a TensorBoard event file: TFRecord frames (length, masked CRC-32C, data, masked CRC-32C) around
/// protobuf <c>Event</c> messages with the fields wall_time = 1, step = 2, file_version = 3, summary = 5.
/// </summary>
public sealed class TensorBoardFile : IDisposable
{
    private readonly FileStream stream;

    /// <summary>Starts a new event file in a folder.</summary>
    public TensorBoardFile(string folder)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0:F3}.sigma");
        stream = File.Create(Path.Combine(folder, name));
        using var message = Event();
        Bytes(message, 3, "brain.Event:2"u8);
        Record(message);
    }

    /// <summary>Adds one value under a tag.</summary>
    public void Add(long step, string tag, double value)
    {
        using var item = new MemoryStream(); // Summary.Value: tag = 1, simple_value = 2
        Bytes(item, 1, Encoding.UTF8.GetBytes(tag));
        item.WriteByte((2 << 3) | 5);
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(four, (float)value);
        item.Write(four);

        using var summary = new MemoryStream(); // Summary: value = 1
        Bytes(summary, 1, item.ToArray());

        using var message = Event();
        message.WriteByte(2 << 3);
        Varint(message, (ulong)step);
        Bytes(message, 5, summary.ToArray());
        Record(message);
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose() => stream.Dispose();

    private static MemoryStream Event()
    {
        var message = new MemoryStream();
        message.WriteByte((1 << 3) | 1);
        Span<byte> eight = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(eight, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        message.Write(eight);
        return message;
    }

    private static void Bytes(Stream message, int field, ReadOnlySpan<byte> value)
    {
        message.WriteByte((byte)((field << 3) | 2));
        Varint(message, (ulong)value.Length);
        message.Write(value);
    }

    private static void Varint(Stream message, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            message.WriteByte((byte)(value | 0x80));
        message.WriteByte((byte)value);
    }

    private void Record(MemoryStream message)
    {
        var data = message.ToArray();
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, data.Length);
        Span<byte> check = stackalloc byte[4];
        stream.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(check, Masked(length));
        stream.Write(check);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(check, Masked(data));
        stream.Write(check);
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + 0xa282ead8;
    }
}

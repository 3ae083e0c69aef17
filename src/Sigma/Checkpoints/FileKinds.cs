using System.Buffers.Binary;
using System.Text;
using Sigma.Checkpoints.Storage;

namespace Sigma.Checkpoints;

/// <summary>Kinds of checkpoint files.</summary>
internal enum FileKind
{
    Unknown,
    TorchZip,
    TorchLegacy,
    Safetensors,
}

/// <summary>Tells checkpoint files apart by their first bytes; names and endings are not believed.</summary>
internal static class FileKinds
{
    /// <summary>PyTorch's magic number as a ten-byte integer. What stands before it depends on the protocol of the pickle.</summary>
    static ReadOnlySpan<byte> LegacyMagic => [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>The same in the protocols that write numbers as text.</summary>
    static ReadOnlySpan<byte> LegacyMagicText => "L119547037146038801333356L\n"u8;

    public static FileKind Of(ByteSource source)
    {
        Span<byte> buffer = stackalloc byte[32];
        var start = buffer[..(int)Math.Min(buffer.Length, source.Length)];
        source.Read(0, start);
        if (start.StartsWith("PK\x03\x04"u8)) return FileKind.TorchZip;
        if (start.StartsWith(LegacyMagicText)) return FileKind.TorchLegacy;
        if (start is [0x80, ..] && start.IndexOf(LegacyMagic) >= 0) return FileKind.TorchLegacy;
        if (start.Length > 8 && start[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) < (ulong)source.Length) return FileKind.Safetensors;
        return FileKind.Unknown;
    }

    /// <summary>What an unknown file seems to be, and what was expected.</summary>
    public static string Describe(ByteSource source)
    {
        Span<byte> buffer = stackalloc byte[64];
        var start = buffer[..(int)Math.Min(buffer.Length, source.Length)];
        source.Read(0, start);
        var text = Encoding.Latin1.GetString(start).TrimStart();
        const string wanted = "a checkpoint is a PyTorch file (.pth, .pt, .bin) or a .safetensors file";
        if (start.Length == 0) return $"the file is empty; {wanted}";
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "this is a Git LFS pointer, not the checkpoint itself; fetch it with `git lfs pull`";
        if (text.StartsWith('<')) return $"this is a web page, perhaps the answer to a download that failed; {wanted}";
        if (start.Length > 8 && start[8] == '{') return "the file ends inside of its safetensors header: fetch or copy it again";
        if (start[0] == 0x80) return "this is a pickle, but not one written by torch.save";
        return $"the file is of no known kind; {wanted}";
    }
}

using System.IO.Compression;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Storage;

namespace Sigma.Tests.Checkpoints;

/// <summary>PyTorch files made in memory.</summary>
internal static class TorchZips
{
    internal static byte[] Make(byte[] pickle, params (string Key, byte[] Bytes)[] storages) =>
        Make(pickle, "little", CompressionLevel.NoCompression, storages);

    internal static byte[] Make(byte[] pickle, string byteOrder, CompressionLevel level, params (string Key, byte[] Bytes)[] storages)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, true))
        {
            Entry(zip, "archive/data.pkl", pickle, level);
            Entry(zip, "archive/byteorder", System.Text.Encoding.ASCII.GetBytes(byteOrder), level);
            foreach (var (key, bytes) in storages) Entry(zip, "archive/data/" + key, bytes, level);
        }
        return stream.ToArray();
    }

    internal static CheckpointFile Open(byte[] file) => CheckpointFile.Open(new MemoryBytes("test.pth", file));

    internal static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    static void Entry(ZipArchive zip, string name, byte[] bytes, CompressionLevel level)
    {
        using var entry = zip.CreateEntry(name, level).Open();
        entry.Write(bytes);
    }
}

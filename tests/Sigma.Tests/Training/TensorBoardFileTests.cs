using System.Text;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "training")]
public sealed class TensorBoardFileTests
{
    [Fact]
    public void Every_record_carries_its_length_and_both_checksums()
    {
        var folder = Directory.CreateTempSubdirectory("sigma-test-");
        try
        {
            using (var file = new TensorBoardFile(folder.FullName))
                file.Add(300, "train/loss", 1.5);
            var bytes = File.ReadAllBytes(Directory.GetFiles(folder.FullName).Single());
            var records = new List<byte[]>();
            for (var at = 0; at < bytes.Length;)
            {
                var length = (int)BitConverter.ToInt64(bytes, at);
                Assert.Equal(Masked(bytes.AsSpan(at, 8)), BitConverter.ToUInt32(bytes, at + 8));
                Assert.Equal(Masked(bytes.AsSpan(at + 12, length)), BitConverter.ToUInt32(bytes, at + 12 + length));
                records.Add(bytes[(at + 12)..(at + 12 + length)]);
                at += length + 16;
            }
            Assert.Equal(2, records.Count);
            Assert.Contains("brain.Event:2", Encoding.ASCII.GetString(records[0]), StringComparison.Ordinal);
            Assert.Contains("train/loss", Encoding.ASCII.GetString(records[1]), StringComparison.Ordinal);
            // step = 300 as a varint under field 2, and the value as a float under field 2 of the summary's item.
            Assert.Contains("10-AC-02", BitConverter.ToString(records[1]), StringComparison.Ordinal);
            Assert.Contains("15-00-00-C0-3F", BitConverter.ToString(records[1]), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>CRC-32C bit by bit (Castagnoli's polynomial, reflected), with TensorFlow's mask.</summary>
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}

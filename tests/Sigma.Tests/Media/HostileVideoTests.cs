using System.Buffers.Binary;
using System.Text;
using Sigma.Media;

namespace Sigma.Tests.Media;

/// <summary>Videos made to exhaust or mislead the reader, or that change under its hands. See tests/fuzz for many more.</summary>
[Trait("Category", "media")]
public sealed class HostileVideoTests
{
    private const int Side = 16;

    [SkippableTheory]
    [InlineData("a.ts")]
    [InlineData("a.mp4")]
    public void A_file_that_is_replaced_while_it_is_read_fails_each_read_and_nothing_else(string name)
    {
        string path = MediaFiles.Made(name, "-c:v libx264 -g 10");
        using VideoReader reader = VideoReader.Open(path);
        Read(reader, 110);
        File.WriteAllText(path, "gone");
        for (int i = 0; i < 3; i++)
        {
            Assert.ThrowsAny<MediaException>(() => Read(reader, 3, 90));
            reader.Keep([3, 90]);
        }
    }

    [SkippableFact]
    public void A_file_that_grows_while_it_is_read_gives_its_new_frames_with_their_motion()
    {
        string path = MediaFiles.Made("a.ts", "-c:v libx264 -bf 0 -g 10");
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2 / 188 * 188)]);
        using VideoReader reader = VideoReader.Open(path);
        int last = reader.FrameCount + 20;
        File.WriteAllBytes(path, whole);
        var motion = new MotionVectors();
        reader.Read([last - 10, last], null, Side, Side, new byte[2 * Side * Side * 3], motion);
        Assert.True(motion[1].Length > 0);
    }

    [SkippableFact]
    public void A_damaged_slice_costs_no_motion_elsewhere()
    {
        string path = MediaFiles.Made("a.mp4", "-vf scale=320:240 -c:v libx264 -bf 0 -g 200 -crf 10");
        byte[] bytes = File.ReadAllBytes(path);
        int at = bytes.AsSpan().IndexOf("mdat"u8);
        bytes.AsSpan(at + ((bytes.Length - at) / 2), 30).Fill(0x5A);
        File.WriteAllBytes(path, bytes);
        using VideoReader reader = VideoReader.Open(path);
        Assert.True(reader.Statistics().Seekable);
        var motion = new MotionVectors();
        reader.Read([4, 100], null, 320, 240, new byte[2 * 320 * 240 * 3], motion);
        Assert.False(reader.Statistics().Seekable);
        Assert.True(motion[1].Length > 0);
    }

    [SkippableFact]
    public void Pictures_larger_than_any_screen_are_refused_by_their_size()
    {
        string path = MediaFiles.Made("a.mp4", "-c:v libx264");
        byte[] bytes = File.ReadAllBytes(path);
        int entry = bytes.AsSpan().LastIndexOf("avc1"u8); // of the sample description; its width and height follow at 28
        bytes.AsSpan(entry + 28, 4).Fill(0xFF);
        File.WriteAllBytes(path, bytes);
        Assert.Contains("65535×65535", Refusal(path), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(60_000_000)] // 24 bytes each
    [InlineData(3_000_000)] // FFmpeg would seek in it for minutes
    public void An_index_of_more_packets_than_films_have_takes_neither_room_nor_time(int claimed)
    {
        string path = MediaFiles.Made("a.mp4", "-c:v libx264 -bf 0");
        byte[] bytes = File.ReadAllBytes(path);
        Claim("stsz", 8, 1); // all samples of this size, so that no table of sizes is looked for
        Claim("stsz", 12, claimed);
        Claim("stts", 12, claimed);
        Claim("stsc", 16, claimed);
        File.WriteAllBytes(path, bytes);
        File.WriteAllText("/proc/self/clear_refs", "5"); // counts the peak from here
        long before = Peak();
        Assert.ThrowsAny<MediaException>(() =>
        {
            using VideoReader reader = VideoReader.Open(path);
            Read(reader, 0);
        });
        Assert.InRange(Peak() - before, 0, 1L << 30);

        void Claim(string box, int at, int number) => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(bytes.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(box)) + at), number);
        static long Peak() => 1024 * long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [SkippableFact]
    public void Strips_are_not_packed()
    {
        string path = MediaFiles.Made("strip.mkv", "-vf scale=2:20000 -c:v ffv1 -frames:v 2");
        Assert.Contains("2×20000 are strips", Assert.Throws<MediaException>(() => PackedVideo.From(path, new())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_larger_than_any_picture_is_refused_before_it_takes_any_room()
    {
        string path = Path.Combine(MediaFiles.Scratch(), "mask.png");
        byte[] header = [.. Big(14_000), .. Big(14_000), 8, 0, 0, 0, 0];
        File.WriteAllBytes(path, [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", [0x78, 0x9C, 3, 0, 0, 0, 0, 1]), .. Chunk("IEND", [])]);
        Assert.Contains("mask.png", Assert.Throws<MediaException>(() => MaskImage.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_that_name_the_same_bytes_again_and_again_are_not_followed()
    {
        const int chunks = 200, samples = 400; // each sample a byte, and each chunk the first bytes of the file
        string path = Path.Combine(MediaFiles.Scratch(), "a.mov");
        byte[] description = [.. new byte[6], 0, 1, .. new byte[16], 0, Side, 0, Side, .. new byte[50]];
        byte[] table = Box("stbl",
            Full("stsd", Big(1), Box("jpeg", description)),
            Full("stts", Big(1), Big(chunks * samples), Big(1)),
            Full("stsc", Big(1), Big(1), Big(samples), Big(1)),
            Full("stsz", Big(1), Big(chunks * samples)),
            Full("stco", Big(chunks), new byte[4 * chunks]));
        byte[] media = Box("mdia",
            Full("mdhd", Big(0), Big(0), Big(25), Big(chunks * samples), new byte[4]),
            Full("hdlr", new byte[4], "vide"u8.ToArray(), new byte[13]),
            Box("minf", table));
        byte[] track = Box("trak", Full("tkhd", Big(0), Big(0), Big(1), new byte[64]), media);
        File.WriteAllBytes(path, [.. Box("ftyp", "qt  "u8.ToArray(), Big(0)), .. Box("moov", Full("mvhd", new byte[96]), track), .. Box("mdat", new byte[600])]);
        Assert.Contains("more than a video of its size can have", Refusal(path), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_size_and_a_pixel_format_that_change_on_the_way_are_followed()
    {
        string folder = MediaFiles.Scratch();
        string small = MediaFiles.Made("a.mjpeg", "-c:v mjpeg -pix_fmt yuvj444p -vf scale=40:90 -q:v 2 -frames:v 10");
        string path = Path.Combine(folder, "both.mjpeg");
        File.WriteAllBytes(path, [.. File.ReadAllBytes(MediaFiles.Made("b.mjpeg", "-c:v mjpeg -pix_fmt yuvj420p -q:v 2 -frames:v 10")), .. File.ReadAllBytes(small)]);
        byte[] expected = new byte[Side * Side * 3], got = new byte[Side * Side * 3], plain = new byte[2 * Side * Side * 3];
        using (VideoReader alone = VideoReader.Open(small))
            alone.Read([5], null, Side, Side, expected);
        using (VideoReader both = VideoReader.Open(path))
            both.Read([15], null, Side, Side, got);
        PlainClip.Read(path, [0, 15], null, Side, Side, plain);
        Assert.Equal(expected, got);
        Assert.InRange(WritingTests.MeanDifference(expected, plain.AsSpan(Side * Side * 3)), 0, 40); // it resizes otherwise, and knows no full range
    }

    private static void Read(VideoReader reader, params int[] frames) =>
        reader.Read(frames, null, Side, Side, new byte[frames.Length * Side * Side * 3]);

    private static string Refusal(string path) => Assert.Throws<NotAVideoException>(() => VideoReader.Open(path)).Message;

    private static byte[] Big(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Box(string name, params byte[][] parts) =>
        [.. Big(8 + parts.Sum(part => part.Length)), .. Encoding.ASCII.GetBytes(name), .. parts.SelectMany(part => part)];

    /// <summary>With version and flags, 0.</summary>
    private static byte[] Full(string name, params byte[][] parts) => Box(name, [Big(0), .. parts]);

    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        return [.. Big(content.Length), .. named, .. Big((int)Crc(named))];
    }

    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }
}

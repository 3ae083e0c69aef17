using System.Diagnostics;
using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
[Collection("alone")]
public class MemoryTests
{
    [Fact]
    public void Opening_and_reading_300_times_leaves_memory_where_it_was() => AssertSteady(300);

    [Fact]
    [Trait("Category", "long")]
    public void Opening_and_reading_10000_times_leaves_memory_where_it_was() => AssertSteady(10_000);

    private static void AssertSteady(int times)
    {
        string folder = MediaFiles.Scratch(), path = Path.Combine(folder, "clip.mp4"), broken = Path.Combine(folder, "broken.mp4");
        WritingTests.Write(path, null);
        File.WriteAllBytes(broken, File.ReadAllBytes(path)[..900]);
        var rgb = new byte[4 * 32 * 32 * 3];
        var motion = new MotionVectors();
        void Once()
        {
            using VideoReader reader = VideoReader.Open(path);
            reader.Read([0, 7, 14, 21], new CropBox(3, 3, 40, 40), 32, 32, rgb, motion);
            Assert.Throws<VideoDecodeException>(() => reader.Read([99], null, 32, 32, rgb));
            Assert.Throws<NotAVideoException>(() => VideoReader.Open(broken));
            PngImage.Encode(32, 32, rgb.AsSpan(0, 32 * 32 * 3));
        }
        for (int i = 0; i < 100 + (times / 4); i++)
            Once();
        long before = Resident();
        for (int i = 0; i < times; i++)
            Once();
        // A leaked decoder or frame is 30 kB or more a turn; the runtime's own heaps move by some megabytes.
        Assert.InRange(Resident() - before, long.MinValue, 8_000_000 + (1_000L * times));
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // gives empty heaps back
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}

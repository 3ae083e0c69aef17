using System.Diagnostics;
using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
[Collection(nameof(Training.Alone))]
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
        const int Rounds = 4;
        int turns = times / Rounds;
        var after = new long[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < turns; i++)
                Once();
            after[round] = Resident();
        }
        // A leak grows in every round, the runtime's own heaps only in some. A leaked decoder or frame is 30 kB or more a turn.
        Assert.InRange(after.Zip(after[1..], (a, b) => b - a).Min(), long.MinValue, 1_500_000 + (1_000L * turns));
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

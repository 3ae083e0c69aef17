using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Media;
using Sigma.Media.Native;
using Sigma.Recipes;
using Sigma.Tests.Data;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Media;

/// <summary>Decoding on a GPU: what surrounds it anywhere, itself where there is one.</summary>
[Trait("Category", "media")]
public unsafe class NvdecTests
{
    [Theory]
    [InlineData("cuda,vaapi,yuv420p", "cuda")]
    [InlineData("vdpau,cuda,yuvj420p", "cuda")]
    [InlineData("cuda,yuv420p10le", "cuda")]
    [InlineData("vaapi,vdpau,yuv420p", "yuv420p")] // FFmpeg offers no CUDA any more where the GPU refused the video
    [InlineData("cuda,yuv444p", "yuv444p")] // would come back in other planes
    [InlineData("cuda,yuv420p12le", "yuv420p12le")]
    [InlineData("yuv422p", "yuv422p")]
    public void The_GPU_decodes_what_comes_back_as_the_CPU_gives_it_out_and_the_CPU_the_rest(string offered, string taken) =>
        Assert.Equal(taken, Marshal.PtrToStringUTF8((nint)MediaNative.NvdecChoice(offered)));

    [Fact]
    public void Planes_that_were_interleaved_come_apart_as_they_were_whatever_the_size_and_padding()
    {
        var picture = from size in Gen.Two(Gen.Choose(1, 40))
                      from padding in Gen.Two(Gen.Choose(0, 9))
                      from bits in Gen.Elements(8, 10)
                      from seed in Gen.Choose(0, int.MaxValue)
                      select (Width: size.Item1, Height: size.Item2, padding, bits, seed);
        Prop.ForAll(picture.ToArbitrary(), p =>
        {
            int chroma = (p.Width + 1) / 2 * ((p.Height + 1) / 2), bytes = p.bits == 8 ? 1 : 2;
            var random = new Random(p.seed);
            int[] samples = [.. Enumerable.Range(0, (p.Width * p.Height) + (2 * chroma)).Select(_ => random.Next(1 << p.bits))];
            int[] luma = samples[..(p.Width * p.Height)], both = new int[2 * chroma];
            for (int i = 0; i < chroma; i++)
                (both[2 * i], both[(2 * i) + 1]) = (samples[luma.Length + i], samples[luma.Length + chroma + i]);
            var (first, firstRow) = Padded(luma, p.Width, p.padding.Item1, p.bits);
            var (second, secondRow) = Padded(both, (p.Width + 1) / 2 * 2, p.padding.Item2, p.bits);
            byte[] expected = [.. samples.SelectMany(s => BitConverter.GetBytes((ushort)s)[..bytes])];
            return expected.AsSpan().SequenceEqual(TakenApart(first, firstRow, second, secondRow, p.Width, p.Height, p.bits));
        }).QuickCheckThrowOnFailure();
    }

    [SkippableTheory]
    [InlineData("ci/clips/carphone_pristine.mp4", 8)]
    [InlineData("ci/clips/h264_10bits.mp4", 10)]
    public void Decoded_frames_come_back_from_the_GPUs_order_of_samples_bit_for_bit(string clip, int bits)
    {
        string path = MediaFiles.Clip(clip), folder = MediaFiles.Scratch();
        using var reader = VideoReader.Open(path);
        var (width, height) = (reader.Info.CodedWidth, reader.Info.CodedHeight);
        byte[] Raw(string format)
        {
            string raw = Path.Combine(folder, format);
            MediaFiles.Program("-noautorotate", "-i", path, "-frames:v", "8", "-pix_fmt", format, "-f", "rawvideo", raw);
            return File.ReadAllBytes(raw);
        }
        byte[] expected = Raw(bits == 8 ? "yuv420p" : "yuv420p10le"), given = Raw(bits == 8 ? "nv12" : "p010le");
        int row = width * (bits == 8 ? 1 : 2), picture = row * height * 3 / 2;
        Assert.Equal(expected.Length, given.Length);
        Assert.NotEqual(expected, given);
        for (int at = 0; at < given.Length; at += picture)
        {
            byte[] apart = TakenApart(given[at..(at + (row * height))], row, given[(at + (row * height))..(at + picture)], row, width, height, bits);
            Assert.Equal(expected[at..(at + picture)], apart);
        }
    }

    [SkippableFact]
    public void Without_a_GPU_it_is_refused_before_work_starts_with_what_is_missing()
    {
        string? missing = MediaEngine.WhyNoNvdec();
        Skip.If(missing is null, "there is a GPU whose video decoder can be used");
        Assert.Matches("built without it|driver is missing|video part|GPU 0 does not open", missing);
        var refused = Assert.Throws<BadInputException>(() => RunnableHere.Require(new DataRecipe { Decoder = VideoDecoder.Nvdec }, Device.Cpu));
        Assert.Equal($"data.decoder is nvdec, which is not to be had here: {missing}. Without it give --set data.decoder=cpu", refused.Message);
        RunnableHere.Require(new DataRecipe(), Device.Cpu);

        string path = Path.Combine(MediaFiles.Scratch(), "clip.mp4");
        WritingTests.Write(path, null);
        if (MediaEngine.HasH264Encoder)
            Assert.EndsWith(missing, Assert.Throws<MediaException>(() => VideoReader.Open(path, nvdec: 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_codec_that_is_left_to_the_CPU_needs_no_GPU()
    {
        string path = WriteMpeg4(MediaFiles.Scratch(), "clip.mp4");
        using VideoReader cpu = VideoReader.Open(path), gpu = VideoReader.Open(path, nvdec: 0);
        Assert.False(gpu.FellBackToCpu);
        Assert.Equal(cpu.FrameMd5([1, 5, 9]), gpu.FrameMd5([1, 5, 9]));
        Assert.Equal((false, true), (cpu.FellBackToCpu, gpu.FellBackToCpu));
    }

    [Fact]
    public void Videos_that_the_GPU_leaves_to_the_CPU_are_listed_and_give_the_same_batches()
    {
        string folder = MediaFiles.Scratch();
        string[] paths = [.. new[] { "a.mp4", "b.mp4", "c.mp4" }.Select(name => WriteMpeg4(folder, name))];
        var recipe = ClipFiles.Recipe(batch: 3);
        (List<string> Digests, IReadOnlyList<string> OnCpu) Read(VideoDecoder decoder)
        {
            using var loader = new ClipLoader(Manifest.Load(folder), recipe with { Data = new() { Decoder = decoder } }, workers: 2);
            return (ClipFiles.Digests(loader, 2), loader.Findings.OnCpu.Paths);
        }
        var (cpu, nvdec) = (Read(VideoDecoder.Cpu), Read(VideoDecoder.Nvdec));
        Assert.Equal(cpu.Digests, nvdec.Digests);
        Assert.Empty(cpu.OnCpu);
        Assert.Equal(paths, nvdec.OnCpu);
    }

    [SkippableFact]
    public void A_GPU_gives_the_frames_of_the_CPU_bit_for_bit()
    {
        Skip.If(MediaEngine.WhyNoNvdec() is not null, $"no NVDEC: {MediaEngine.WhyNoNvdec()}");
        foreach (string path in MediaFiles.All().Where(path => path.StartsWith(MediaFiles.Clip("ci/clips"), StringComparison.Ordinal)))
        {
            using VideoReader cpu = VideoReader.Open(path), gpu = VideoReader.Open(path, nvdec: 0);
            int[] clip = [.. Enumerable.Range(0, 16).Select(i => 4 * i).Where(frame => frame < cpu.FrameCount)];
            Assert.Equal((path, string.Join(' ', cpu.FrameMd5(clip))), (path, string.Join(' ', gpu.FrameMd5(clip))));
            if (path.EndsWith("carphone_pristine.mp4", StringComparison.Ordinal))
                Assert.Equal((false, true), (gpu.FellBackToCpu, gpu.Statistics().OnGpu > 0));
        }
    }

    private static string WriteMpeg4(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        using var writer = new VideoWriter(path, 64, 48, 25, new VideoWriterOptions { Mpeg4 = true });
        for (int i = 0; i < 20; i++)
            writer.Write(WritingTests.Picture(i));
        writer.Finish();
        return path;
    }

    private static (byte[] Rows, int Row) Padded(ReadOnlySpan<int> samples, int width, int padding, int bits)
    {
        int bytes = bits == 8 ? 1 : 2, row = (width + padding) * bytes;
        var rows = new byte[samples.Length / width * row];
        Array.Fill(rows, (byte)0xA5);
        for (int i = 0; i < samples.Length; i++)
            BitConverter.GetBytes((ushort)(samples[i] << (bits == 8 ? 0 : 6))).AsSpan(0, bytes).CopyTo(rows.AsSpan((i / width * row) + (i % width * bytes)));
        return (rows, row);
    }

    private static byte[] TakenApart(byte[] luma, int lumaRow, byte[] chroma, int chromaRow, int width, int height, int bits)
    {
        var planes = new byte[((width * height) + (2 * ((width + 1) / 2) * ((height + 1) / 2))) * (bits == 8 ? 1 : 2)];
        NativeError error;
        fixed (byte* first = luma, second = chroma, to = planes)
            Assert.Equal(Status.Ok, MediaNative.TakeApart(first, lumaRow, second, chromaRow, width, height, bits, to, &error));
        return planes;
    }
}

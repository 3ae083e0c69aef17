using System.CommandLine;
using System.Runtime.InteropServices;
using Sigma.Data;
using Sigma.Media;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary><c>sigma doctor</c>: what this machine offers, measured in about a second.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Shows what this machine offers, and measures it in a second.") { device, json };
        command.SetAction(arguments =>
        {
            var findings = Examine(CommonOptions.Device(arguments.GetValue(device)!));
            foreach (var (name, value) in findings.Lines())
                Console.WriteLine($"{name,-22} {value}");
            if (arguments.GetValue(json) is { } path)
                JsonFile.Write(path, findings);
            return 0;
        });
        return command;
    }

    private static Findings Examine(Device device)
    {
        var findings = new Findings(
            Engine.Version, device.ToString(), Engine.CudaDevices, CudaGraph.Available, Engine.CudaKernelColumns > 0, Environment.ProcessorCount, Engine.Threads, Engine.CpuCapability,
            RuntimeInformation.FrameworkDescription, "not found here: videos cannot be read", [], false, false, null,
            MatrixCeiling.Measure(device, ScalarType.Float32, 0.4) / 1e9, 0);
        try
        {
            var missing = MediaEngine.WhyNoNvdec(device.Index);
            return findings with
            {
                Ffmpeg = MediaEngine.Version,
                Decoders = MediaEngine.VideoDecoders,
                H264Encoder = MediaEngine.HasH264Encoder,
                Nvdec = missing is null,
                WhyNoNvdec = missing,
                DecodedFramesPerSecond = DecodingRate.Measure(0.6),
            };
        }
        catch (MediaLibraryException)
        {
            return findings;
        }
    }

    /// <param name="Engine">libtorch's version.</param>
    /// <param name="Device">What a run would use.</param>
    /// <param name="CudaDevices">NVIDIA GPUs the engine sees.</param>
    /// <param name="CudaGraphs">Whether the engine was built with CUDA's headers, so that whole steps become CUDA graphs.</param>
    /// <param name="CudaKernels">Whether it was built with kernels of our own for a GPU.</param>
    /// <param name="Cores">Processors of this machine.</param>
    /// <param name="Threads">Threads one operator uses.</param>
    /// <param name="InstructionSet">The widest that kernels use.</param>
    /// <param name="Runtime">.NET's version.</param>
    /// <param name="Ffmpeg">FFmpeg's version.</param>
    /// <param name="Decoders">Video formats that can be read.</param>
    /// <param name="H264Encoder">Whether H.264 can be written (else MPEG-4 is).</param>
    /// <param name="Nvdec">Whether the GPU's video decoder can be used.</param>
    /// <param name="WhyNoNvdec">What is missing for that; null where nothing is.</param>
    /// <param name="MatrixGflops">GFLOP/s of float32 matrix products.</param>
    /// <param name="DecodedFramesPerSecond">Frames of 340×256 H.264 a second on one core.</param>
    private sealed record Findings(
        string Engine, string Device, int CudaDevices, bool CudaGraphs, bool CudaKernels, int Cores, int Threads, string InstructionSet, string Runtime,
        string Ffmpeg, IReadOnlyList<string> Decoders, bool H264Encoder, bool Nvdec, string? WhyNoNvdec, double MatrixGflops, double DecodedFramesPerSecond)
    {
        private string Built => (CudaGraphs, CudaKernels) switch
        {
            (true, true) => "steps as CUDA graphs, with kernels of our own",
            (true, false) => "steps as CUDA graphs; no kernels of our own: built without nvcc",
            _ => "no CUDA graphs and no kernels of our own: built without CUDA's headers",
        };

        public IEnumerable<(string Name, string Value)> Lines() =>
        [
            ("engine", $"libtorch {Engine}"),
            ("device", CudaDevices == 0 ? $"{Device} (no NVIDIA GPU seen)" : $"{Device} of {CudaDevices}, {Built}"),
            ("cores", $"{Cores}, {Threads} threads an operator, {InstructionSet}"),
            ("runtime", Runtime),
            ("FFmpeg", Ffmpeg),
            ("matrix products", FormattableString.Invariant($"{MatrixGflops:0} GFLOP/s in float32")),
            .. Decoders.Count == 0 ? [] : Reading(),
        ];

        private IEnumerable<(string Name, string Value)> Reading() =>
        [
            ("decoders", string.Join(", ", Decoders.Where(d => d is "h264" or "hevc" or "av1" or "libdav1d" or "vp9" or "vp8" or "mpeg4" or "mpeg2video")) + FormattableString.Invariant($" and {Decoders.Count} in all")),
            ("H.264 writing", H264Encoder ? "yes" : "no; MPEG-4 is written instead"),
            ("NVDEC", WhyNoNvdec is null ? "yes: data.decoder nvdec decodes on the GPU" : $"no: {WhyNoNvdec}"),
            ("decoding", FormattableString.Invariant($"{DecodedFramesPerSecond:0} frames/s of 340×256 H.264 on one core")),
        ];
    }
}

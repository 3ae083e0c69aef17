using System.CommandLine;
using System.Diagnostics;
using Sigma.Data.Packing;
using Sigma.Media;

namespace Sigma.Cli;

/// <summary><c>sigma data pack</c>: rewrites a data set so that strided clips are read fast.</summary>
internal static class DataPackCommand
{
    public static Command Create()
    {
        var data = CommonOptions.Data();
        var folder = new Option<string>("--out") { HelpName = "DIR", Required = true, Description = "the packed set: a new or empty folder, or one that the same command left half-way" };
        var stride = new Option<int>("--stride") { HelpName = "N", Description = "every how many frames there is a reference: the stride of the clips, or a part of it", DefaultValueFactory = _ => 4 };
        var side = new Option<int>("--short-side") { HelpName = "PIXELS", Description = "larger pictures are shrunk to this", DefaultValueFactory = _ => 256 };
        var crf = new Option<int>("--crf") { HelpName = "N", Description = "quality of H.264, from 0, lossless, to 51", DefaultValueFactory = _ => 20 };
        var json = CommonOptions.Json();
        var command = new Command("pack", "Rewrites videos once so that strided clips are read by decoding their own frames alone.") { data, folder, stride, side, crf, json };
        command.SetAction(arguments =>
        {
            var options = new PackOptions
            {
                Stride = Within(arguments, stride, PackOptions.SmallestStride, PackOptions.LargestStride),
                ShortSide = Within(arguments, side, 16, 8192),
                Crf = Within(arguments, crf, 0, 51),
            };
            if (!MediaEngine.HasH264Encoder)
                throw new BadInputException("packing needs an FFmpeg with libx264, which this one lacks: install it, or pack on another machine");
            var target = arguments.GetValue(folder)!;
            var packer = new DataPacker(arguments.GetValue(data)!, target, options);
            if (packer.Done > 0)
                Console.Error.WriteLine($"{packer.Done} of {packer.Count} videos were packed before");
            using var signals = new StopSignals();
            var clock = Stopwatch.StartNew();
            var summary = packer.Pack(new Progress(packer.Count).Tell, signals.Token);
            Show(target, summary, options, clock.Elapsed);
            if (arguments.GetValue(json) is { } path)
                JsonFile.Write(path, summary);
            return 0;
        });
        return command;
    }

    private static int Within(ParseResult arguments, Option<int> option, int least, int most) =>
        arguments.GetValue(option) is var value && value >= least && value <= most
            ? value
            : throw new BadInputException($"{option.Name} is {value}, but must be between {least} and {most}");

    private static void Show(string folder, PackSummary summary, PackOptions options, TimeSpan time)
    {
        foreach (var video in summary.Unreadable)
            Console.Error.WriteLine($"left out {video.Path}: {video.Reason}");
        Console.WriteLine(FormattableString.Invariant($"{folder}: {summary.Videos} videos in {summary.Shards} {(summary.Shards == 1 ? "shard" : "shards")}, {summary.Unreadable.Count} left out, in {time.TotalSeconds:0.0} s"));
        Console.WriteLine(FormattableString.Invariant($"size     {summary.Bytes / 1e6:0.0} MB, {(double)summary.Bytes / Math.Max(summary.SourceBytes, 1):0.00} of the {summary.SourceBytes / 1e6:0.0} MB they were"));
        Console.WriteLine(FormattableString.Invariant($"loss     PSNR {summary.Psnr:0.0} dB against the pictures of short side {options.ShortSide}"));
        Console.WriteLine($"labels   {(summary.Labelled ? "kept" : "none")}");
    }

    /// <summary>Tells on standard error how far it is: in place on a terminal, now and then elsewhere.</summary>
    private sealed class Progress(int count)
    {
        private readonly int step = Console.IsErrorRedirected ? Math.Max(1, count / 10) : 1;

        public void Tell(int done)
        {
            if (done % step == 0 || done == count)
                Console.Error.Write(Console.IsErrorRedirected ? $"{done} of {count} videos\n" : $"\r{done} of {count} videos{(done == count ? "\n" : "")}");
        }
    }
}

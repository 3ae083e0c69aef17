using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sigma.Tests.Cli;

[Trait("Category", "cli")]
public sealed partial class PretrainCommandTests
{
    [Fact]
    public void A_run_killed_at_any_moment_and_continued_ends_with_the_same_bytes()
    {
        using var files = new TinyRun();
        Assert.Equal(0, Program.Run(Pretrain(files, "whole", "--max-steps", "40")).Code);
        using (var process = Program.Start(Pretrain(files, "killed", "--set", "optimizer.steps=60")))
        {
            WaitForStep(files, "killed", 20, process);
            process.Kill(); // SIGKILL
            process.WaitForExit();
        }
        Assert.Equal(0, Program.Run(Pretrain(files, "killed", "--resume", "--max-steps", "40", "--set", "data.workers=1")).Code);
        const string last = "checkpoints/step-000040/model.safetensors";
        Assert.Equal(File.ReadAllBytes(files.In($"whole/{last}")), File.ReadAllBytes(files.In($"killed/{last}")));
    }

    [Theory]
    [InlineData(2)] // SIGINT
    [InlineData(15)] // SIGTERM
    public void A_signal_saves_and_ends_with_130(int signal)
    {
        using var files = new TinyRun();
        using var process = Program.Start(Pretrain(files, "run", "--set", "optimizer.steps=1000000", "--set", "checkpoint.every=1000000"));
        WaitForStep(files, "run", 3, process);
        Assert.Equal(0, Kill(process.Id, signal));
        var outcome = Program.Finish(process);
        Assert.Equal(130, outcome.Code);
        Assert.Contains("interrupted after", outcome.Output, StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(files.In("run/checkpoints"), "step-*"));
    }

    [Fact]
    public void Videos_that_cannot_be_read_are_listed_at_the_end()
    {
        using var files = new TinyRun(videos: 19);
        File.WriteAllText(Path.Combine(files.Data, "text.mp4"), "this is text");
        var outcome = Program.Run(Pretrain(files, "run", "--max-steps", "10"));
        Assert.Equal(0, outcome.Code);
        Assert.Contains("text.mp4", outcome.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string[]> BadInput => new()
    {
        { "no/such", ["--data", "no/such/folder"] },
        { "no video", ["--data", "EMPTY"] },
        { "None of the 1 videos can be read", ["--data", "TEXT"] },
        { "None of the 1 videos can be read", ["--data", "TRUNCATED"] },
        { "prototyps", ["--set", "objective.prototyps=5"] },
        { "objective.prototypes", ["--set", "objective.prototypes=1"] },
        { "objective.prototypes", ["--set", "objective.prototypes=many"] },
        { "mask.ratio", ["--set", "mask.ratio=0"] },
        { "mask.ratio", ["--set", "mask.ratio=1"] },
        { "cannot be written", ["--out", "/proc/nothing/here"] },
        { "no such device", ["--device", "abacus"] },
        { "--max-steps", ["--max-steps", "0"] },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public void Bad_input_is_refused_before_work_starts_with_what_is_wrong(string told, string[] wrong)
    {
        using var files = new TinyRun(videos: 6);
        Directory.CreateDirectory(files.In("EMPTY"));
        Directory.CreateDirectory(files.In("TEXT"));
        Directory.CreateDirectory(files.In("TRUNCATED"));
        File.WriteAllText(files.In("TEXT/a.mp4"), "text");
        File.WriteAllBytes(files.In("TRUNCATED/a.mp4"), File.ReadAllBytes(Directory.GetFiles(files.Data)[0])[..400]);
        var arguments = Pretrain(files, "run", "--max-steps", "3").ToList();
        for (var i = 0; i < wrong.Length; i += 2)
        {
            var at = wrong[i] == "--set" ? -1 : arguments.IndexOf(wrong[i]);
            var value = Directory.Exists(files.In(wrong[i + 1])) ? files.In(wrong[i + 1]) : wrong[i + 1];
            if (at < 0)
                arguments.AddRange([wrong[i], value]);
            else
                arguments[at + 1] = value;
        }
        var outcome = Program.Run([.. arguments]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Sigma", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_stopped_by_unreadable_videos_leaves_their_list_and_why_it_ended()
    {
        using var files = new TinyRun(videos: 6);
        File.WriteAllText(Path.Combine(files.Data, "text.mp4"), "this is text");
        Assert.Equal(2, Program.Run(Pretrain(files, "run", "--max-steps", "9")).Code);
        Assert.Contains("text.mp4", File.ReadAllText(files.In("run/unreadable.txt")), StringComparison.Ordinal);
        Assert.Contains("ended: 1 of 7 videos cannot be read", File.ReadAllText(files.In("run/log.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void Going_on_with_another_recipe_names_what_is_other()
    {
        using var files = new TinyRun();
        Assert.Equal(0, Program.Run(Pretrain(files, "run", "--max-steps", "1")).Code);
        var outcome = Program.Run(Pretrain(files, "run", "--max-steps", "2", "--resume", "--set", "model.width=64", "--set", "data.workers=1"));
        Assert.Equal(2, outcome.Code);
        Assert.Contains("was made with another recipe (model.width 32 there, 64 here); a run continues with the recipe it began with: ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_do_not_write_into_one_folder_at_a_time()
    {
        using var files = new TinyRun();
        using var first = Program.Start(Pretrain(files, "run", "--set", "optimizer.steps=1000000", "--set", "checkpoint.every=1000000"));
        WaitForStep(files, "run", 3, first);
        var second = Program.Run(Pretrain(files, "run", "--max-steps", "1"));
        Assert.Equal(2, second.Code);
        Assert.Contains("another process is training in", second.Errors, StringComparison.Ordinal);
        Assert.Equal(0, Kill(first.Id, 15));
        Assert.Equal(130, Program.Finish(first).Code);
        Assert.Empty(Directory.GetFiles(files.In("run"), ".*"));
    }

    [SkippableFact]
    public void A_full_disk_while_saving_is_told_and_leaves_earlier_checkpoints_whole()
    {
        Skip.IfNot(Directory.Exists("/dev/shm") && Environment.UserName == "root", "needs the right to mount a small file system");
        using var files = new TinyRun();
        OnSmallDisk(files, "900k", () =>
        {
            var outcome = Program.Run(Pretrain(files, "small/run", "--max-steps", "60", "--set", "checkpoint.every=1", "--set", "checkpoint.keep=100"));
            Assert.Equal(1, outcome.Code);
            Assert.Contains("could not be saved", outcome.Errors, StringComparison.Ordinal);
            Assert.Contains("The last good one is", outcome.Errors, StringComparison.Ordinal);
            Assert.Empty(Directory.GetDirectories(files.In("small/run/checkpoints"), "*.partial"));
        });
    }

    [SkippableFact]
    public void Where_the_disk_is_too_full_for_the_report_the_run_ends_well_with_one_warning_and_its_weights()
    {
        Skip.IfNot(Environment.UserName == "root", "needs the right to mount a small file system");
        using var files = new TinyRun();
        string[] run = ["--max-steps", "2"];
        Assert.Equal(0, Program.Run(Pretrain(files, "large", run)).Code);
        const int page = 4096;
        var pages = new DirectoryInfo(files.In("large")).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.Name != "report.html").Sum(file => (file.Length + page - 1) / page);
        Assert.True(new FileInfo(files.In("large/report.html")).Length > 12 * page);
        OnSmallDisk(files, FormattableString.Invariant($"{(pages + 8) * page}"), () =>
        {
            var outcome = Program.Run(Pretrain(files, "small/run", run));
            Assert.True(outcome.Code == 0, outcome.Errors);
            Assert.Single(outcome.Errors.Split('\n'), line => line == $"no report of the run: {files.In("small/run/report.html")} cannot be written: the disk was full");
            Assert.Equal(
                File.ReadAllBytes(files.In("large/checkpoints/step-000002/model.safetensors")), File.ReadAllBytes(files.In("small/run/checkpoints/step-000002/model.safetensors")));
            Assert.False(File.Exists(files.In("small/run/report.html")));
            Assert.Empty(Directory.GetFiles(files.In("small/run"), "*.partial"));
        });
    }

    private static void OnSmallDisk(TinyRun files, string size, Action work)
    {
        Directory.CreateDirectory(files.In("small"));
        using var mounted = Process.Start("mount", ["-t", "tmpfs", "-o", $"size={size}", "tmpfs", files.In("small")]);
        mounted.WaitForExit();
        Skip.IfNot(mounted.ExitCode == 0, "a small file system could not be mounted");
        try
        {
            work();
        }
        finally
        {
            using var gone = Process.Start("umount", ["-l", files.In("small")]);
            gone.WaitForExit();
        }
    }

    [Fact]
    public void A_one_frame_video_is_repeated_to_fill_a_clip()
    {
        using var files = new TinyRun(videos: 3);
        TinyRun.Render(Path.Combine(files.Data, "one frame.mp4"), 7, frames: 1);
        var outcome = Program.Run(Pretrain(files, "run", "--max-steps", "3"));
        Assert.Equal(0, outcome.Code);
        Assert.Contains("fewer frames than a clip", outcome.Errors, StringComparison.Ordinal);
    }

    private static string[] Pretrain(TinyRun files, string name, params string[] more) =>
        ["pretrain", files.Recipe, "--data", files.Data, "--out", files.In(name), "--device", "cpu", .. more];

    private static void WaitForStep(TinyRun files, string name, int step, Process process)
    {
        var metrics = files.In($"{name}/metrics.jsonl");
        var watch = Stopwatch.StartNew();
        while (!File.Exists(metrics) || File.ReadAllLines(metrics).Length < step)
        {
            Assert.False(process.HasExited, "the run ended before it was stopped");
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "the run does not get on");
            Thread.Sleep(20);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}

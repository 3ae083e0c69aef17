using System.Text.Json;
using Sigma.Recipes;
using Sigma.Tests.Data;
using Sigma.Tests.Media;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "training")]
public sealed class PretrainerTests
{
    [Fact]
    public void A_run_writes_its_recipe_its_figures_and_checkpoints()
    {
        using var files = new TinyRun();
        var summary = Train(files, "run", maxSteps: 15);
        Assert.Equal(15, summary.Steps);
        Assert.True(summary.Interrupted is false && summary.Unreadable.Count == 0);
        Assert.Equal(files.In("run/checkpoints/step-000015"), summary.Checkpoint);
        Assert.Equal(["step-000007", "step-000014", "step-000015"],
            Directory.GetDirectories(files.In("run/checkpoints")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var lines = File.ReadAllLines(files.In("run/metrics.jsonl"));
        Assert.Equal(15, lines.Length);
        using var last = JsonDocument.Parse(lines[^1]);
        foreach (var key in new[] { "step", "epoch", "loss", "lr", "prototypeEntropy", "gradNorm", "clipsPerSecond", "dataWait", "utilisation" })
            Assert.Equal(JsonValueKind.Number, last.RootElement.GetProperty(key).ValueKind);
        Assert.Equal(Recipe.Load(files.Recipe), Recipe.Load(files.In("run/recipe.yaml")));
        Assert.Single(Directory.GetFiles(files.In("run"), "events.out.tfevents.*"));
    }

    [Fact]
    public void A_run_leaves_a_page_with_its_curves_and_clips_as_the_encoder_saw_them()
    {
        using var files = new TinyRun();
        File.WriteAllText(Path.Combine(files.Data, "clip 01.mp4"), "no video");
        Train(files, "run", maxSteps: 3);
        var page = File.ReadAllText(files.In("run/report.html"));
        foreach (var told in new[] { "3 updates of 4 clips on 12 videos", "2 ln 12, blind guessing", "Prototype use", "Rank of the targets", "Speed", "<strong>clip 04.mp4</strong>", "Videos set aside" })
            Assert.Contains(told, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<strong>clip 01.mp4</strong>", page, StringComparison.Ordinal); // one of the four that would be shown
        Train(files, "run", maxSteps: 5, resume: true);
        Assert.Contains("5 updates of 4 clips", File.ReadAllText(files.In("run/report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_cannot_be_written_costs_the_run_nothing()
    {
        using var files = new TinyRun();
        Directory.CreateDirectory(files.In("run/report.html"));
        Assert.Equal(3, Train(files, "run", maxSteps: 3).Steps);
        Assert.Contains("no report of the run", File.ReadAllText(files.In("run/log.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_continues_ends_with_the_bytes_of_one_that_was_never_stopped()
    {
        using var files = new TinyRun();
        Train(files, "whole", maxSteps: 16);
        Train(files, "parts", maxSteps: 5);
        Train(files, "parts", maxSteps: 16, resume: true);
        Assert.Equal(Weights(files, "whole", 16), Weights(files, "parts", 16));
        Assert.Equal(16, MetricsFile.Read(files.In("parts/metrics.jsonl")).Count());
    }

    [Fact]
    public void A_run_that_continues_has_the_figures_of_one_that_was_never_stopped()
    {
        using var files = new TinyRun();
        Train(files, "whole", maxSteps: 56);
        Train(files, "parts", maxSteps: 30);
        Train(files, "parts", maxSteps: 56, resume: true);
        IEnumerable<StepMetrics> Figures(string name) => MetricsFile.Read(files.In($"{name}/metrics.jsonl"))
            .Select(m => m with { ClipsPerSecond = 0, DataWait = 0, Utilisation = 0, Seconds = 0, Parts = null });
        Assert.Equal(Figures("whole"), Figures("parts"));
        Assert.Equal(7, Figures("parts").Count(m => m.DeadPrototypes is not null)); // from the fiftieth on
    }

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        using var files = new TinyRun();
        Train(files, "one", maxSteps: 8, overrides: "data.workers=1");
        Train(files, "three", maxSteps: 8, overrides: "data.workers=3");
        Assert.Equal(Weights(files, "one", 8), Weights(files, "three", 8));
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        using var files = new TinyRun();
        Train(files, "a", maxSteps: 2);
        Train(files, "b", maxSteps: 2, overrides: "seed=4");
        Assert.NotEqual(Weights(files, "a", 2), Weights(files, "b", 2));
    }

    [Fact]
    public void A_torn_checkpoint_is_passed_over_for_the_whole_one_before_it()
    {
        using var files = new TinyRun();
        Train(files, "whole", maxSteps: 16);
        Train(files, "torn", maxSteps: 14);
        File.WriteAllBytes(files.In("torn/checkpoints/step-000014/model.safetensors"), [1, 2, 3]);
        Directory.CreateDirectory(files.In("torn/checkpoints/step-000015.partial"));
        Train(files, "torn", maxSteps: 16, resume: true);
        Assert.Equal(Weights(files, "whole", 16), Weights(files, "torn", 16));
    }

    [Fact]
    public void The_last_whole_checkpoint_is_kept_beside_a_newer_torn_one()
    {
        using var files = new TinyRun();
        Train(files, "run", maxSteps: 14);
        File.WriteAllBytes(files.In("run/checkpoints/step-000014/model.safetensors"), [1, 2, 3]);
        var summary = Train(files, "run", maxSteps: 8, resume: true, overrides: "checkpoint.keep=1");
        Assert.Equal(files.In("run/checkpoints/step-000008"), summary.Checkpoint);
    }

    [SkippableTheory]
    [InlineData("still.mp4", "4 of 4 clips had no motion, and masks drawn as simulated motion")]
    [InlineData("still.webm", "1 video with motion searched by block matching")]
    public void What_a_motion_guided_mask_met_is_told(string name, string told)
    {
        using var files = new TinyRun(videos: 0);
        using var stills = new ClipFiles();
        var still = stills.Render("still.mp4", 30, still: true);
        if (Path.GetExtension(name) == ".mp4")
            File.Copy(still, Path.Combine(files.Data, name));
        else
            MediaFiles.Program("-i", still, "-c:v", "libvpx-vp9", "-cpu-used", "5", Path.Combine(files.Data, name));
        using var log = new StringWriter();
        Train(files, "run", maxSteps: 1, progress: log, overrides: "mask.kind=motion-guided");
        Assert.Contains(told, log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_size_or_of_other_videos_is_refused_with_what_differs()
    {
        using var files = new TinyRun();
        Train(files, "run", maxSteps: 2);
        var size = Assert.Throws<BadInputException>(() => Train(files, "run", maxSteps: 3, resume: true, overrides: "model.width=48"));
        Assert.Contains("another recipe (model.width 32 there, 48 here)", size.Message, StringComparison.Ordinal);
        var rate = Assert.Throws<BadInputException>(() => Train(files, "run", maxSteps: 3, resume: true, overrides: "optimizer.lr=1"));
        Assert.Contains("another recipe", rate.Message, StringComparison.Ordinal);
        TinyRun.Render(Path.Combine(files.Data, "one more.mp4"), 99);
        var data = Assert.Throws<BadInputException>(() => Train(files, "run", maxSteps: 3, resume: true));
        Assert.Contains("another list of videos", data.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_not_overwritten()
    {
        using var files = new TinyRun();
        Train(files, "run", maxSteps: 1);
        Assert.Contains("--resume", Assert.Throws<BadInputException>(() => Train(files, "run", maxSteps: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_good_checkpoint()
    {
        using var files = new TinyRun(extra: "precision: float32\n");
        var failure = Assert.Throws<RunStoppedException>(() => Train(files, "run", maxSteps: 60, overrides: ["optimizer.lr=1e30", "checkpoint.every=1"]));
        Assert.Contains("not a finite number", failure.Message, StringComparison.Ordinal);
        foreach (var checkpoint in Directory.GetDirectories(files.In("run/checkpoints")))
        {
            using var scope = new TensorScope();
            using var weights = SafetensorsFile.Open(Path.Combine(checkpoint, CheckpointStore.ModelFile));
            Assert.All(weights.ReadAll().Values, w => Assert.All(w.ToArray<float>(), v => Assert.True(float.IsFinite(v))));
        }
    }

    [Fact]
    public void A_run_told_to_stop_saves_first()
    {
        using var files = new TinyRun();
        using var stop = new CancellationTokenSource();
        var metrics = files.In("run/metrics.jsonl");
        using var afterTheFirstStep = new Timer(_ =>
        {
            if (File.Exists(metrics) && new FileInfo(metrics).Length > 0)
                stop.Cancel();
        }, null, 10, 10);
        var summary = Train(files, "run", maxSteps: null, stop: stop.Token, overrides: ["optimizer.steps=100000", "checkpoint.every=1000000"]);
        Assert.True(summary.Interrupted);
        Assert.NotNull(summary.Checkpoint);
    }

    [Fact]
    public void A_video_that_cannot_be_read_is_named_once_and_the_run_goes_on()
    {
        using var files = new TinyRun(videos: 11);
        File.WriteAllText(Path.Combine(files.Data, "not a video.mp4"), "text");
        using var log = new StringWriter();
        var summary = Train(files, "run", maxSteps: 12, progress: log);
        Assert.Contains("not a video.mp4", Assert.Single(summary.Unreadable), StringComparison.Ordinal);
        Assert.Contains("not a video.mp4", Assert.Single(File.ReadAllLines(files.In("run/unreadable.txt"))), StringComparison.Ordinal);
        Assert.Equal(2, log.ToString().Split("not a video.mp4").Length);
    }

    [Fact]
    public void Micro_batches_add_up_to_the_gradient_of_the_pixels_whole_batch()
    {
        using var files = new TinyRun();
        var whole = Train(files, "whole", maxSteps: 3, overrides: ["objective.target=pixel"]);
        var parts = Train(files, "parts", maxSteps: 3, overrides: ["objective.target=pixel", "optimizer.accumulate=2"]);
        Assert.Equal(whole.Loss!.Value, parts.Loss!.Value, 1e-4);
    }

    private static PretrainSummary Train(
        TinyRun files, string name, long? maxSteps, bool resume = false, CancellationToken stop = default, TextWriter? progress = null, params string[] overrides)
    {
        using var pretrainer = new Pretrainer(new PretrainOptions
        {
            Recipe = Recipe.Load(files.Recipe, overrides),
            Data = files.Data,
            Out = files.In(name),
            Resume = resume,
            MaxSteps = maxSteps,
            Progress = progress ?? TextWriter.Null,
        });
        return pretrainer.Train(stop);
    }

    private static byte[] Weights(TinyRun files, string name, int step) =>
        File.ReadAllBytes(files.In($"{name}/checkpoints/step-{step:000000}/model.safetensors"));
}

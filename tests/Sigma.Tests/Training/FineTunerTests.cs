using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "training")]
public sealed class FineTunerTests
{
    [Fact]
    public void A_run_validates_after_every_epoch_keeps_the_best_and_tests_it_at_the_end()
    {
        using var files = new TinyFineTune();
        var summary = Train(files, "run");
        Assert.Equal((12, false), (summary.Steps, summary.Interrupted)); // 12 videos, 3 steps an epoch
        Assert.Equal(files.In("run/checkpoints/step-000012"), summary.Checkpoint);
        Assert.Equal(["ball", "coin", "disc"], File.ReadAllLines(files.In("run/classes.txt")));
        Assert.Equal([3L, 6, 9, 12], File.ReadAllLines(files.In("run/validation.jsonl")).Select(StepOf));
        Assert.Equal(files.Recipe(), FineTuneRecipe.Load(files.In("run/recipe.yaml")));
        Assert.Equal(12, MetricsFile.Read(files.In("run/metrics.jsonl")).Count());
        var test = EvaluationResult.Read(files.In("run/test.json"));
        Assert.InRange(summary.Best!.Top1, summary.Best.Top1Interval![0], summary.Best.Top1Interval[1]);
        Assert.Equal((12, 2, 2), (test.Videos.Count, test.Views.Segments, test.Views.Crops));
        Assert.Equal(test.Figures["top1"], summary.Test!.Figures["top1"]);
        Assert.Equal(12, test.Confusion!.Sum(row => row.Sum()));
    }

    [Fact]
    public void A_run_that_continues_ends_with_the_bytes_of_one_that_was_never_stopped()
    {
        using var files = new TinyFineTune();
        string[] everything = ["optimizer.averageWeights=0.9", "optimizer.accumulate=2", "augmentation.flip=true", "augmentation.erasing=0.5", "layers.dropPath=0.3"];
        Train(files, "whole", overrides: everything);
        Train(files, "parts", maxSteps: 4, overrides: everything);
        Train(files, "parts", maxSteps: 7, resume: true, overrides: everything);
        Train(files, "parts", resume: true, overrides: [.. everything, "data.workers=1"]);
        foreach (var file in new[] { "checkpoints/step-000012/model.safetensors", "checkpoints/step-000012/average.safetensors", "best/model.safetensors", "validation.jsonl" })
            Assert.Equal(File.ReadAllBytes(files.In($"whole/{file}")), File.ReadAllBytes(files.In($"parts/{file}")));
    }

    [Fact]
    public void A_run_that_lost_its_last_validation_makes_it_again()
    {
        using var files = new TinyFineTune();
        Train(files, "run", maxSteps: 6);
        var validation = files.In("run/validation.jsonl");
        var whole = File.ReadAllLines(validation);
        File.WriteAllLines(validation, whole[..1]);
        Train(files, "run", maxSteps: 6, resume: true);
        Assert.Equal(whole, File.ReadAllLines(validation));
    }

    [Fact]
    public void With_averaged_weights_the_average_is_validated_and_kept()
    {
        using var files = new TinyFineTune();
        Train(files, "run", maxSteps: 3, overrides: "optimizer.averageWeights=0.5");
        Assert.Equal(
            File.ReadAllBytes(files.In("run/checkpoints/step-000003/average.safetensors")), File.ReadAllBytes(files.In("run/best/model.safetensors")));
    }

    [Fact]
    public void The_encoder_is_the_pretrained_one_and_the_head_starts_near_nothing()
    {
        using var files = new TinyFineTune();
        using var scope = new TensorScope();
        Train(files, "run", maxSteps: 1, overrides: ["optimizer.lr=1e-30", "optimizer.finalLr=0"]);
        using var own = SafetensorsFile.Open(files.In("run/checkpoints/step-000001/model.safetensors"));
        using var pretrained = SafetensorsFile.Open(Path.Combine(files.Init, "model.safetensors"));
        foreach (var name in own.Entries.Keys.Where(n => n.StartsWith("blocks.", StringComparison.Ordinal) || n.StartsWith("patch_embed.", StringComparison.Ordinal)))
            Assert.Equal(pretrained.Read($"encoder.{name}").ToArray<float>(), own.Read(name).ToArray<float>());
        Assert.True(own.Read("head.weight").ToArray<float>().Max(Math.Abs) < 2e-4);
    }

    [Fact]
    public void It_learns_what_the_clips_show()
    {
        using var files = new TinyFineTune();
        var summary = Train(files, "run", overrides:
        [
            "optimizer.epochs=12", "optimizer.lr=5e-2", "augmentation.randAugment=0", "augmentation.mixup=0", "augmentation.cutmix=0",
            "augmentation.erasing=0", "augmentation.cropArea=1", "layers.dropPath=0",
        ]);
        var losses = MetricsFile.Read(files.In("run/metrics.jsonl")).Select(m => m.Loss).ToList();
        Assert.True(losses.TakeLast(6).Average() < 0.9 * losses.Take(3).Average(), $"loss {losses[0]:0.00} … {losses[^1]:0.00}");
        Assert.True(summary.Best!.Top1 > 1.0 / 3);
    }

    [Fact]
    public void A_run_that_stops_for_its_unreadable_videos_lists_them()
    {
        using var files = new TinyFineTune();
        for (var i = 0; i < 20; i++)
            File.WriteAllText(Path.Combine(files.Data, "coin", $"text {i}.mp4"), "text");
        Assert.Throws<TooManyUnreadableException>(() => Train(files, "run", maxSteps: 20));
        Assert.All(File.ReadAllLines(files.In("run/unreadable.txt")), line => Assert.Contains("text ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_video_that_cannot_be_read_is_named_once_and_the_run_goes_on()
    {
        using var files = new TinyFineTune();
        File.WriteAllText(Path.Combine(files.Data, "coin", "text.mp4"), "text");
        File.WriteAllText(Path.Combine(files.Validation, "coin", "text.mp4"), "text");
        using var log = new StringWriter();
        var summary = Train(files, "run", maxSteps: 6, progress: log);
        Assert.Contains("text.mp4", Assert.Single(summary.Unreadable), StringComparison.Ordinal);
        Assert.Equal(12, summary.Best!.Videos);
        Assert.Equal(2, File.ReadAllLines(files.In("run/unreadable.txt")).Length);
        Assert.Equal(3, log.ToString().Split("text.mp4").Length);
    }

    [Fact]
    public void What_cannot_be_trained_on_is_refused_before_anything_is_written()
    {
        using var files = new TinyFineTune(videosOfAClass: 1);
        void Refused(string told, Func<FineTuneOptions, FineTuneOptions> change)
        {
            var options = change(new FineTuneOptions
            {
                Recipe = files.Recipe(),
                Data = files.Data,
                Validation = files.Validation,
                Init = files.Init,
                Out = files.In("run"),
            });
            var refusal = Assert.ThrowsAny<Exception>(() => new FineTuner(options));
            Assert.True(refusal is BadInputException or ManifestException, refusal.ToString());
            Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(files.In("run/checkpoints")));
        }
        Refused("has no class", o => o with { Data = Path.Combine(files.Data, "coin") });
        Directory.CreateDirectory(files.In("one/ball"));
        TinyRun.Render(files.In("one/ball/a.mp4"), 1);
        Refused("one class alone (ball)", o => o with { Data = files.In("one") });
        Refused("coin", o => o with { Data = Two(files), Validation = files.Validation });
        Refused("there is no such checkpoint", o => o with { Init = files.In("nowhere") });
        Refused("give --init", o => o with { Init = null });
        Refused("wanted [64, 3, 2, 8, 8]", o => o with { Recipe = files.Recipe("model.width=64") });
        Refused("model.heads", o => o with { Recipe = files.Recipe("model.heads=4") });
        Refused("fp16", o => o with { Recipe = files.Recipe("precision=fp16") });
    }

    [Fact]
    public void A_run_told_to_stop_saves_first()
    {
        using var files = new TinyFineTune();
        using var stop = new CancellationTokenSource();
        var metrics = files.In("run/metrics.jsonl");
        using var afterTheFirstStep = new Timer(
            _ =>
            {
                if (File.Exists(metrics) && new FileInfo(metrics).Length > 0)
                    stop.Cancel();
            },
            null, 10, 10);
        var summary = Train(files, "run", stop: stop.Token, overrides: ["optimizer.steps=100000", "checkpoint.every=1000000"]);
        Assert.True(summary.Interrupted);
        Assert.NotNull(summary.Checkpoint);
        Assert.Null(summary.Test);
    }

    /// <summary>A list of two of the three classes.</summary>
    private static string Two(TinyFineTune files)
    {
        File.WriteAllLines(files.In("two.txt"), ["train/ball/0.mp4 ball", "train/disc/0.mp4 disc"]);
        return files.In("two.txt");
    }

    private static FineTuneSummary Train(
        TinyFineTune files, string name, long? maxSteps = null, bool resume = false, TextWriter? progress = null, CancellationToken stop = default, params string[] overrides)
    {
        using var tuner = new FineTuner(new FineTuneOptions
        {
            Recipe = files.Recipe(overrides),
            Data = files.Data,
            Validation = files.Validation,
            Init = files.Init,
            Out = files.In(name),
            Resume = resume,
            MaxSteps = maxSteps,
            Progress = progress ?? TextWriter.Null,
        });
        return tuner.Train(stop);
    }

    private static long StepOf(string line)
    {
        using var json = System.Text.Json.JsonDocument.Parse(line);
        return json.RootElement.GetProperty("step").GetInt64();
    }
}

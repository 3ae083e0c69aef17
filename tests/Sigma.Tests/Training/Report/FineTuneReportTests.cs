using Sigma.Training;

namespace Sigma.Tests.Training.Report;

[Trait("Category", "report")]
[Trait("Category", "board")]
public sealed class FineTuneReportTests
{
    [Fact]
    public void A_fine_tuning_run_leaves_a_page_with_its_accuracies_curves_and_what_was_set_aside()
    {
        using var files = new TinyFineTune(videosOfAClass: 4);
        File.WriteAllText(Path.Combine(files.Data, "ball", "broken.mp4"), "no video");
        Train(files, "optimizer.epochs=1", "optimizer.warmupEpochs=0", "data.unreadableLimit=0.5");
        var page = File.ReadAllText(files.In("run/report.html"));
        foreach (var part in new[] { "best validation, after epoch 1", "2 × 2 views", "per-class mean", " to ", "Validation top-1", "Learning rate", "Speed", "Videos set aside", "broken.mp4", "ball, coin, disc" })
            Assert.Contains(part, page, StringComparison.Ordinal);
    }

    [Fact]
    public void So_does_one_that_fails()
    {
        using var files = new TinyFineTune(videosOfAClass: 4);
        Assert.Throws<RunStoppedException>(() => Train(files, "optimizer.lr=1e30", "optimizer.finalLr=0", "optimizer.warmupEpochs=0"));
        var page = File.ReadAllText(files.In("run/report.html"));
        Assert.Contains("not tested yet", page, StringComparison.Ordinal);
        Assert.Contains("Loss", page, StringComparison.Ordinal);
    }

    private static void Train(TinyFineTune files, params string[] overrides)
    {
        using var tuner = new FineTuner(new FineTuneOptions
        {
            Recipe = files.Recipe(overrides),
            Data = files.Data,
            Validation = files.Validation,
            Init = files.Init,
            Out = files.In("run"),
        });
        tuner.Train(CancellationToken.None);
    }
}

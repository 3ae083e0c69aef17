using System.Globalization;
using Sigma.Recipes;
using Sigma.Training;

namespace Sigma.Tests.Board;

/// <summary>A folder with runs as the product itself writes them; removed with the test.</summary>
internal sealed class RunsToShow : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-test-");

    public string Path => folder.FullName;

    public string In(string name) => System.IO.Path.Combine(folder.FullName, name);

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>A pre-training run of some updates, the loss of each its step.</summary>
    public RunFolder Add(string name, int steps = 3, int total = 3, int prototypes = 64, Action<RunLog>? more = null)
    {
        var run = new RunFolder(In(name));
        File.WriteAllText(run.Recipe, new Recipe { Objective = new() { Prototypes = prototypes } }.ToYaml());
        using var log = new RunLog(run, TextWriter.Null, terminal: false);
        log.Say(string.Create(CultureInfo.InvariantCulture, $"8 videos, 2 steps an epoch, {total} steps\nand a second line"));
        using var metrics = new MetricsFile(run, 0);
        for (var step = 1; step <= steps; step++)
            metrics.Add(Update(step));
        log.Progress(Update(steps), total, last: true);
        more?.Invoke(log);
        return run;
    }

    public static StepMetrics Update(int step, double? loss = null) => new(step, step / 2, loss ?? step, 1e-3, 0.9, 2, 40, 0.1, 0.3, 0.5);
}

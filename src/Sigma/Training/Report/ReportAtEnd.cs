using Sigma.Media;

namespace Sigma.Training.Report;

/// <summary>Writes the page <c>report.html</c> of a run when the run ends, however it ends.</summary>
/// <param name="run">Holds the figures, and gets the page.</param>
/// <param name="log">Is told why there is no page, which costs the run nothing.</param>
/// <param name="tell">Puts the page together from the figures of at least one update.</param>
internal sealed class ReportAtEnd(RunFolder run, RunLog log, Func<IReadOnlyList<StepMetrics>, RunReport> tell) : IDisposable
{
    /// <summary>Writes the page.</summary>
    public void Dispose()
    {
        try
        {
            var metrics = MetricsFile.Read(run.Metrics).ToList();
            if (metrics.Count > 0)
                HtmlReport.Write(run.Report, tell(metrics));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or BadInputException or MediaException)
        {
            log.SayAtLeast($"no report of the run: {failure.Message}");
        }
    }
}

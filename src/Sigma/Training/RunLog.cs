using System.Globalization;

namespace Sigma.Training;

/// <summary>
/// What a run tells while it works: to the person on standard error, and with times to <c>log.txt</c>. On a terminal the
/// progress line is rewritten in place; in a pipe it comes as a plain line every so often.
/// </summary>
public sealed class RunLog : IDisposable
{
    /// <summary>Begins the line in the file that tells what ended a run which failed.</summary>
    internal const string Ended = "ended: ";

    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PipeInterval = TimeSpan.FromSeconds(5);

    private readonly TextWriter person;
    private readonly bool terminal;
    private readonly TextWriter file;
    private DateTime lastProgress = DateTime.MinValue;
    private bool lineOpen;

    /// <summary>A log for a run's folder.</summary>
    public RunLog(RunFolder run, TextWriter person, bool terminal)
    {
        (this.person, this.terminal) = (person, terminal);
        file = new StreamWriter(run.Log, append: true) { AutoFlush = true };
    }

    private RunLog() => (person, file) = (TextWriter.Null, TextWriter.Null);

    /// <summary>A log that nobody reads, for the ranks that do not speak.</summary>
    public static RunLog Silent() => new();

    /// <summary>A line that stays.</summary>
    public void Say(string message)
    {
        ClearLine();
        person.WriteLine(message);
        Write(message);
    }

    /// <summary>A line that the file may lack: it must not take the place of what else goes wrong.</summary>
    internal void SayAtLeast(string message)
    {
        ClearLine();
        person.WriteLine(message);
        TryWrite(message);
    }

    /// <summary>The state of the run; shown as often as it can be read, and always when it is the last.</summary>
    public void Progress(StepMetrics metrics, long total, bool last)
    {
        var now = DateTime.UtcNow;
        if (!last && now - lastProgress < (terminal ? TerminalInterval : PipeInterval))
            return;
        lastProgress = now;
        var line = Describe(metrics, total);
        if (!terminal)
        {
            Say(line);
            return;
        }
        ClearLine();
        // What goes over the edge could not be rewritten in place.
        var room = Console.WindowWidth - 1;
        person.Write(line.Length > room && room > 0 ? line[..room] : line);
        lineOpen = true;
        if (last)
        {
            person.WriteLine();
            lineOpen = false;
            Write(line);
        }
    }

    /// <summary>Does a run's work, and leaves in the file what ended it where that is a failure.</summary>
    /// <param name="work">The run.</param>
    internal T Record<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure)
        {
            TryWrite(Ended + failure.Message);
            throw;
        }
    }

    private void TryWrite(string message)
    {
        try
        {
            Write(message);
        }
        catch (IOException)
        {
            // A full disk, most likely, which is what the failure tells of.
        }
    }

    /// <summary>Ends the open line and closes the file.</summary>
    public void Dispose()
    {
        ClearLine();
        file.Dispose();
    }

    private static string Describe(StepMetrics m, long total)
    {
        var left = TimeSpan.FromSeconds((total - m.Step) * m.Seconds);
        var entropy = m.PrototypeEntropy is { } use ? string.Create(CultureInfo.InvariantCulture, $" · prototypes {use:0.000}") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"step {m.Step}/{total} · loss {m.Loss:0.0000}{entropy} · {m.ClipsPerSecond:0.0} clips/s · waiting {m.DataWait:0 %} · utilisation {m.Utilisation:0 %} · left {(int)left.TotalHours}:{left:mm\\:ss}");
    }

    private void ClearLine()
    {
        if (!lineOpen)
            return;
        person.Write("\r\u001b[2K");
        lineOpen = false;
    }

    private void Write(string message) =>
        file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss}Z {message}"));
}

namespace Sigma.Training;

/// <summary>The folder a run writes: where its files are, and that it can be written before work starts.</summary>
public sealed class RunFolder
{
    /// <summary>Names in the folder.</summary>
    internal const string ClassesFile = "classes.txt", RecipeFile = "recipe.yaml", CheckpointsFolder = "checkpoints";

    private const string Lock = ".running";

    private const int WouldBlock = 11; // EAGAIN: the file is locked

    /// <summary>Takes the folder, making it where it does not exist.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="writes">Whether this process writes into it, as one rank does for all.</param>
    /// <exception cref="BadInputException">It cannot be made or written.</exception>
    public RunFolder(string path, bool writes = true)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (!writes)
            return;
        try
        {
            Directory.CreateDirectory(Path);
            var probe = In($".write-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"the output folder {path} cannot be written: {failure.Message} Choose another with --out.", failure);
        }
    }

    /// <summary>Keeps other processes from training in this folder, until what is returned is disposed of or this process ends.</summary>
    /// <exception cref="BadInputException">Another process trains there.</exception>
    internal IDisposable Claim()
    {
        for (var looks = 0; ; looks++)
        {
            try
            {
                return new FileStream(In(Lock), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException failure) when (failure.HResult == WouldBlock)
            {
                // Who looks whether the folder is claimed holds the file for an instant.
                if (looks == 20)
                    throw new BadInputException($"another process is training in {Path}: wait for its end, or choose another folder with --out", failure);
                Thread.Sleep(50);
            }
        }
    }

    /// <summary>Whether a process trains in this folder: true, or false; null where one was, and was killed.</summary>
    internal bool? IsClaimed()
    {
        if (!File.Exists(In(Lock)))
            return false;
        try
        {
            using var look = new FileStream(In(Lock), FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            return null;
        }
        catch (IOException failure) when (failure.HResult == WouldBlock)
        {
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folder itself.</summary>
    public string Path { get; }

    /// <summary>The recipe as it was resolved, so that the run can be repeated.</summary>
    public string Recipe => In(RecipeFile);

    /// <summary>One object of figures a step.</summary>
    public string Metrics => In("metrics.jsonl");

    /// <summary>What a fine-tuning run reached on the validation videos, one object of figures an epoch.</summary>
    public string Validation => In("validation.jsonl");

    /// <summary>What was printed, with times.</summary>
    public string Log => In("log.txt");

    /// <summary>How the run went, as a page to look at.</summary>
    public string Report => In("report.html");

    /// <summary>Videos that were set aside, with the reason.</summary>
    public string Unreadable => In("unreadable.txt");

    /// <summary>The classes that a fine-tuned model tells apart, one a line in their order.</summary>
    public string Classes => In(ClassesFile);

    /// <summary>One folder a checkpoint.</summary>
    public string Checkpoints => In(CheckpointsFolder);

    /// <summary>A file of this name in the folder.</summary>
    public string In(string name) => System.IO.Path.Combine(Path, name);
}

using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sigma.Data.Synthesis;

/// <summary>
/// The folder of a rendered set. <c>set.json</c> says what the set is and marks the folder as ours; a folder that holds
/// anything a set does not hold is never touched.
/// </summary>
internal sealed partial class SynthesisFolder(string folder)
{
    private const string Facts = "set.json";

    /// <summary>Takes away an earlier set; an absent or empty folder is fine too.</summary>
    /// <exception cref="BadInputException">the folder holds something else, or is a file, or may not be changed</exception>
    public void Clear()
    {
        if (File.Exists(folder))
            throw new BadInputException($"{folder} is a file; a set needs a folder, new, empty or holding an earlier set");
        if (!Directory.Exists(folder))
            return;
        // No deeper than a set is, since links may lead round in circles.
        var files = Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, AttributesToSkip = 0, IgnoreInaccessible = false })
            .Select(path => (Path: path, Name: Path.GetRelativePath(folder, path).Replace('\\', '/'))).ToList();
        var foreign = files.Where(file => !OfASet().IsMatch(file.Name)).Select(file => file.Name).Order(StringComparer.Ordinal).FirstOrDefault();
        foreign ??= files.Count > 0 && files.All(file => file.Name != Facts) ? files[0].Name : null;
        if (foreign is not null)
            throw new BadInputException($"{folder} holds {foreign}, which is no part of a rendered set; name a folder that is new, empty or holds an earlier set");
        Try(() =>
        {
            // Folders first: what lies in them goes with them.
            foreach (var part in files.Where(file => file.Name is "train" or "val"))
                Directory.Delete(part.Path, recursive: true);
            foreach (var file in files.Where(file => File.Exists(file.Path)))
                File.Delete(file.Path);
        });
    }

    /// <summary>Makes the folder and writes down what will be rendered, so that a set that was interrupted is known as one.</summary>
    /// <exception cref="BadInputException">the folder may not be written to</exception>
    /// <exception cref="IOException">the disk is full or gone</exception>
    public void Begin(SynthesisPreset preset, int train, int val, long seed) => Try(() =>
    {
        Directory.CreateDirectory(folder);
        var facts = new { preset = preset.Name, seed, train, val, classes = preset.Classes };
        WholeFile.WriteText(Path.Combine(folder, Facts), JsonSerializer.Serialize(facts, ReadableJson.Options) + "\n");
    });

    private void Try(Action change)
    {
        try
        {
            change();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(folder, problem);
        }
    }

    [GeneratedRegex(@"\A(set\.json(\.[^/]+\.partial)?|(train|val)(\.txt(\.[^/]+\.partial)?)?|(train|val)/(?<class>[a-z]+)(/\k<class>-[0-9]{4,}\.mp4[^/]*)?)\z")]
    private static partial Regex OfASet();
}

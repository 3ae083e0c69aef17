namespace Sigma.Data.Packing;

/// <summary>Finds the videos of a packed set.</summary>
internal static class PackedFolder
{
    /// <summary>The videos in the order they were packed, as paths below the folder.</summary>
    /// <exception cref="ManifestException">the set is not whole, or labels are wanted and it has none</exception>
    public static VideoRows Read(string folder, bool labels, IReadOnlyList<string>? classes)
    {
        if (!PackState.IsFinished(folder))
            throw new ManifestException(folder, "is a packed set that is not finished: run the same sigma data pack again, it goes on where it stopped");
        try
        {
            var state = PackState.Read(folder);
            if (labels && !state.Labelled)
                throw new ManifestException(folder, "was packed from videos without labels, and labels are wanted here: pack a folder whose sub-folders are the classes, or a list with labels");
            var rows = new VideoRows();
            foreach (var shard in state.Shards)
                Add(rows, folder, shard, labels);
            if (rows.Ends.Count == 0)
                throw new ManifestException(folder, "is a packed set without videos: none could be read when it was packed");
            var problems = new List<ManifestProblem>();
            if (labels)
                rows.ResolveLabels(classes, problems);
            return problems.Count == 0 ? rows : throw new ManifestException(folder, problems);
        }
        catch (Exception failure) when (failure is FormatException or BadInputException)
        {
            throw new ManifestException(folder, failure.Message);
        }
    }

    private static void Add(VideoRows rows, string folder, Shard shard, bool labels)
    {
        var tar = new FileInfo(Path.Combine(folder, shard.Name + ".tar"));
        if (!tar.Exists || tar.Length != shard.Size)
            throw new ManifestException(folder, $"{tar.Name} {(tar.Exists ? $"has {tar.Length} bytes" : "is missing")}, but {shard.Size} were packed: copy it once more, or pack the videos anew");
        var videos = 0;
        foreach (var entry in ShardIndex.Read(folder, shard.Name))
        {
            if (entry.Offset > shard.Size - entry.Size)
                throw new FormatException($"{shard.Name}.tsv names bytes beyond the end of {tar.Name}: they do not belong together");
            if (labels && entry.Label is null)
                throw new FormatException($"{shard.Name}.tsv has no label for {entry.Name}: it is damaged");
            rows.Add(entry.Path(shard.Name), labels ? entry.Label : null);
            videos++;
        }
        if (videos != shard.Videos)
            throw new FormatException($"{shard.Name}.tsv lists {videos} videos, but {shard.Videos} were packed: it is damaged");
    }
}

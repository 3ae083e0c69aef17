using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>What the ranks of a pre-training run agree on before they begin, and when they save.</summary>
internal sealed class SharedRun(Ranks ranks)
{
    /// <summary>
    /// Refuses ranks that were given different things, and batches that cannot be shared out evenly.
    /// </summary>
    /// <exception cref="BadInputException">On every rank alike.</exception>
    public void RequireSame(Recipe recipe, Manifest manifest, long? maxSteps)
    {
        // Workers, and where the teacher's file lies, may differ between machines.
        var common = recipe with { Data = recipe.Data with { Workers = 0 }, Objective = recipe.Objective with { Teacher = null } };
        ranks.RequireSame("recipe", common.ToYaml(), FirstDifference);
        ranks.RequireSame("list of videos", $"{manifest.Count} videos (hash {manifest.Hash[..16]})", (first, other) => $"{first} on rank 0, {other} there; check --data");
        ranks.RequireSame("--max-steps", $"{maxSteps}", (first, other) => $"'{first}' on rank 0, '{other}' there");
        var videos = recipe.Optimizer.MicroBatch / recipe.Clip.Repeats;
        if (videos % ranks.Count != 0)
            throw new BadInputException(FormattableString.Invariant($"{ranks.Count} ranks cannot share out a micro-batch of {videos} videos (optimizer.batch {recipe.Optimizer.Batch} / optimizer.accumulate {recipe.Optimizer.Accumulate} / clip.repeats {recipe.Clip.Repeats}) evenly: choose optimizer.batch or optimizer.accumulate so that {ranks.Count} divides it"));
    }

    /// <summary>
    /// Rank 0's state becomes that of all: weights, and where a run continues the optimiser's moments, steps and loss scaling.
    /// </summary>
    /// <param name="step">Of this rank; only rank 0's has been loaded.</param>
    /// <param name="done">Updates done; only rank 0's counts.</param>
    /// <returns>Updates done.</returns>
    public long Share(PretrainStep step, long done)
    {
        if (ranks.Count == 1)
            return done;
        var scale = step.LossScale?.State ?? new(0, 0, 0);
        var mine = ranks.IsFirst ? 1 : 0;
        var numbers = ranks.Sum(mine * done, mine * step.Optimizer.Steps, mine * scale.Value, mine * scale.Good, mine * scale.Skipped);
        ranks.Share("set of weights", [.. step.Model.Parameters().Select(p => p.Value)]);
        if (numbers[0] > 0 && step.Shards is null)
            ranks.Share("set of moments", [.. step.Optimizer.State().Select(p => p.Value)]);
        step.Optimizer.Steps = (long)numbers[1];
        if (step.LossScale is { } lossScale)
            lossScale.State = new(numbers[2], (int)numbers[3], (long)numbers[4]);
        return (long)numbers[0];
    }

    /// <summary>
    /// Makes the videos that any rank found unreadable known to all, so that all judge their share alike.
    /// </summary>
    /// <exception cref="TooManyUnreadableException">They are more than the recipe allows together; on every rank.</exception>
    public void ShareFindings(ClipLoader loader)
    {
        if (ranks.Count == 1)
            return;
        foreach (var list in ranks.Gather(string.Join('\n', loader.Unreadable.List.Select(v => $"{v.Path}\t{v.Reason}"))))
        {
            foreach (var fields in list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t', 2)))
                loader.Unreadable.Add(new UnreadableVideo(fields[0], fields[1]));
        }
        foreach (var list in ranks.Gather(string.Join('\n', loader.Short)))
            loader.AddShort(list.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        loader.RequireEnoughReadable();
    }

    /// <summary>The first line in which two resolved recipes differ, with the section it stands in.</summary>
    internal static string FirstDifference(string first, string other)
    {
        var (a, b) = (first.Split('\n'), other.Split('\n'));
        var section = "";
        for (var i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            var (x, y) = (i < a.Length ? a[i] : "", i < b.Length ? b[i] : "");
            if (x != y)
                return $"'{section}{x.Trim()}' on rank 0, '{section}{y.Trim()}' there";
            if (x.Length > 0 && !char.IsWhiteSpace(x[0]))
                section = x.TrimEnd().EndsWith(':') ? x.Trim()[..^1] + "." : "";
        }
        return "in length";
    }
}

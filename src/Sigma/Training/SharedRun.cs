using System.Text.Json;
using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>What the ranks of a run agree on before they begin, and when they save.</summary>
internal sealed class SharedRun(Ranks ranks)
{
    /// <summary>
    /// Refuses ranks that were given different things, and batches of pre-training that cannot be shared out evenly.
    /// </summary>
    /// <exception cref="BadInputException">On every rank alike.</exception>
    public void RequireSame(Recipe recipe, Manifest manifest, long? maxSteps)
    {
        // Workers, and where the teacher's file lies, may differ between machines.
        var common = recipe with { Data = recipe.Data with { Workers = 0 }, Objective = recipe.Objective with { Teacher = null } };
        RequireSame(common.ToYaml(), maxSteps);
        RequireSame("--data", manifest);
        RequireShares(recipe.Optimizer, recipe.Clip.Repeats, "clip.repeats", ranks.Count, "");
    }

    /// <summary>
    /// Refuses ranks that were given different things, and batches of fine-tuning that cannot be shared out evenly: of clips
    /// that are mixed, both must lie on one rank.
    /// </summary>
    /// <exception cref="BadInputException">On every rank alike.</exception>
    public void RequireSame(FineTuneRecipe recipe, Manifest train, Manifest validation, long? maxSteps)
    {
        RequireSame((recipe with { Data = recipe.Data with { Workers = 0 } }).ToYaml(), maxSteps);
        RequireSame("--data", train);
        RequireSame("--val", validation);
        var mixes = recipe.Augmentation is { Mixup: > 0 } or { Cutmix: > 0 };
        RequireShares(
            recipe.Optimizer, recipe.Augmentation.Repeats, "augmentation.repeats", mixes && ranks.Count > 1 ? 2 * ranks.Count : ranks.Count,
            mixes ? " in pairs, as mixup and cutmix want them" : "");
    }

    /// <summary>Refuses ranks that were given different videos.</summary>
    /// <param name="option">Where they were given.</param>
    /// <param name="manifest">Of this rank.</param>
    /// <exception cref="BadInputException">On every rank alike.</exception>
    public void RequireSame(string option, Manifest manifest) => ranks.RequireSame(
        "list of videos", $"{manifest.Count} videos (hash {manifest.Hash[..16]})", (first, other) => $"{first} on rank 0, {other} there; check {option}");

    /// <summary>
    /// Makes what any rank found out about its videos known to all, so that all judge the share of unreadable ones alike.
    /// </summary>
    /// <exception cref="TooManyUnreadableException">They are more than the recipe allows together; on every rank.</exception>
    public void Share(VideoFindings findings)
    {
        if (ranks.Count == 1)
            return;
        Share(findings.Unreadable);
        foreach (var marks in new[] { findings.Short, findings.OnCpu, findings.Searched })
        {
            foreach (var list in ranks.Gather(JsonSerializer.Serialize(marks.Paths)))
                marks.Add(JsonSerializer.Deserialize<string[]>(list)!);
        }
        findings.RequireEnoughReadable();
    }

    /// <summary>Makes the videos that any rank found unreadable known to all.</summary>
    public void Share(UnreadableVideos unreadable)
    {
        if (ranks.Count == 1)
            return;
        // Names may hold tabs and line breaks.
        foreach (var list in ranks.Gather(JsonSerializer.Serialize(unreadable.List)))
        {
            foreach (var video in JsonSerializer.Deserialize<UnreadableVideo[]>(list)!)
                unreadable.Add(video);
        }
    }

    private void RequireSame(string recipe, long? maxSteps)
    {
        ranks.RequireSame("recipe", recipe, FirstDifference);
        ranks.RequireSame("--max-steps", $"{maxSteps}", (first, other) => $"'{first}' on rank 0, '{other}' there");
    }

    private void RequireShares(OptimizerRecipe optimizer, int repeats, string repeatsKey, int divisor, string how)
    {
        var videos = optimizer.MicroBatch / repeats;
        if (videos % divisor != 0)
            throw new BadInputException(FormattableString.Invariant($"{ranks.Count} ranks cannot share out a micro-batch of {videos} videos (optimizer.batch {optimizer.Batch} / optimizer.accumulate {optimizer.Accumulate} / {repeatsKey} {repeats}) evenly{how}: choose optimizer.batch or optimizer.accumulate so that {divisor} divides it"));
    }

    /// <summary>The first setting in which two resolved recipes differ.</summary>
    internal static string FirstDifference(string first, string other) =>
        RecipeDifference.Between(first, other) is [var (key, a, b), ..] ? $"'{key}: {a}' on rank 0, '{key}: {b}' there" : "in its text";
}

using System.Globalization;
using System.Text.Json;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>What a checkpoint says of the moment it was taken.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="Recipe">Hash of what the recipe computes, so that another recipe cannot continue the run.</param>
/// <param name="Data">Hash of the list of videos.</param>
/// <param name="Bytes">Sizes of the files beside it, by which a torn copy is known.</param>
/// <param name="LossScale">Where loss scaling stands; null without it.</param>
public sealed record CheckpointState(
    long Step, string Recipe, string Data, IReadOnlyDictionary<string, long> Bytes, LossScaleState? LossScale = null);

/// <summary>
/// The checkpoints of a run. Each is a folder <c>step-000123</c> with <c>model.safetensors</c>,
/// <c>optimizer.safetensors</c>, <c>average.safetensors</c> where weights are averaged, <c>health.safetensors</c> where the use of
/// prototypes is watched, and <c>state.json</c>, written beside under another name, flushed, then renamed: what stands under its name is whole.
/// </summary>
public sealed class CheckpointStore(RunFolder run, int keep)
{
    /// <summary>The weights' file in a checkpoint's folder.</summary>
    public const string ModelFile = "model.safetensors";

    /// <summary>The averaged weights' file, under the same names as the weights.</summary>
    public const string AverageFile = "average.safetensors";

    private const string HealthFile = "health.safetensors";
    private const string OptimizerFile = "optimizer.safetensors";
    private const string StateFile = "state.json";

    /// <summary>The run's folder.</summary>
    public RunFolder Run => run;

    /// <summary>
    /// Saves a checkpoint and removes the oldest beyond the number to keep.
    /// </summary>
    /// <param name="step">Updates done.</param>
    /// <param name="model">The weights.</param>
    /// <param name="optimizer">Its moments.</param>
    /// <param name="recipeHash">Of the recipe.</param>
    /// <param name="dataHash">Of the list of videos.</param>
    /// <param name="average">The averaged weights, if any.</param>
    /// <param name="lossScale">The loss scaling, if any.</param>
    /// <param name="moments">All moments, where the optimiser has only some of them; null for its own.</param>
    /// <param name="health">What health figures remember, if anything.</param>
    /// <exception cref="IOException">The disk is full or gone: nothing is left behind, and earlier checkpoints stand.</exception>
    public string Save(
        long step, Module model, AdamW optimizer, string recipeHash, string dataHash, WeightAverage? average = null, LossScale? lossScale = null,
        IReadOnlyList<(string Name, Tensor Value)>? moments = null, IReadOnlyList<(string Name, Tensor Value)>? health = null)
    {
        var folder = Path.Combine(run.Checkpoints, Name(step));
        var partial = folder + ".partial";
        try
        {
            Remove(partial);
            Directory.CreateDirectory(partial);
            SafetensorsFile.Write(Path.Combine(partial, ModelFile), model.Parameters());
            SafetensorsFile.Write(Path.Combine(partial, OptimizerFile), moments ?? optimizer.State());
            if (average is not null)
                SafetensorsFile.Write(Path.Combine(partial, AverageFile), average.State());
            if (health is { Count: > 0 })
                SafetensorsFile.Write(Path.Combine(partial, HealthFile), health);
            var state = new CheckpointState(step, recipeHash, dataHash,
                new DirectoryInfo(partial).EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal).ToDictionary(f => f.Name, f => f.Length), lossScale?.State);
            using (var stream = File.Create(Path.Combine(partial, StateFile)))
            {
                JsonSerializer.Serialize(stream, state, ReadableJson.Options);
                stream.Flush(flushToDisk: true);
            }
            Remove(folder);
            Directory.Move(partial, folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            TryRemove(partial);
            var kept = Newest();
            throw new IOException(
                $"the checkpoint of step {step} could not be saved in {run.Checkpoints}: {failure.Message} " +
                (kept is null ? "No earlier checkpoint exists." : $"The last good one is {kept}; make room and continue with --resume."), failure);
        }
        // Torn ones are no checkpoints, and count as none.
        var oldest = StepOf(Folders(run.Checkpoints).Where(f => TryReadState(f) is not null).TakeLast(Math.Max(keep, 1)).First());
        foreach (var old in Folders(run.Checkpoints).TakeWhile(f => StepOf(f) < oldest))
            TryRemove(old);
        return folder;
    }

    /// <summary>The newest whole checkpoint of the run, or null; torn ones are passed over.</summary>
    public string? Newest() => NewestIn(run.Checkpoints);

    /// <summary>The newest whole checkpoint in a run's folder of checkpoints, or null.</summary>
    internal static string? NewestIn(string checkpoints) => Folders(checkpoints).LastOrDefault(folder => TryReadState(folder) is not null);

    /// <summary>Loads weights and moments, and averages and loss scaling where the run has them.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="model">Receives the weights.</param>
    /// <param name="optimizer">Receives the moments.</param>
    /// <param name="recipeHash">Of the recipe.</param>
    /// <param name="dataHash">Of the list of videos.</param>
    /// <param name="average">Receives the averaged weights, if any.</param>
    /// <param name="lossScale">Receives the loss scaling, if any.</param>
    /// <param name="loadMoments">Takes all moments, where the optimiser keeps only some of them.</param>
    /// <param name="loadHealth">Takes what health figures remember, where the checkpoint has it.</param>
    /// <exception cref="BadInputException">The checkpoint belongs to another recipe, other data, or a model of another size.</exception>
    public static CheckpointState Load(
        string folder, Module model, AdamW optimizer, string recipeHash, string dataHash, WeightAverage? average = null, LossScale? lossScale = null,
        Action<IReadOnlyDictionary<string, Tensor>>? loadMoments = null, Action<IReadOnlyDictionary<string, Tensor>>? loadHealth = null)
    {
        var state = TryReadState(folder) ?? throw new BadInputException($"{folder} is not a whole checkpoint: its {StateFile} is missing or does not fit its files");
        if (!state.Bytes.ContainsKey(OptimizerFile))
            throw new BadInputException($"{folder} has no {OptimizerFile}: its weights can be used, but the run cannot continue from it");
        using var scope = new TensorScope();
        try
        {
            using var weights = SafetensorsFile.Open(Path.Combine(folder, ModelFile));
            model.Load(weights.ReadAll());
            using var moments = SafetensorsFile.Open(Path.Combine(folder, OptimizerFile));
            var steps = state.Step - (state.LossScale?.Skipped ?? 0);
            if (loadMoments is null)
                optimizer.Load(moments.ReadAll(), steps);
            else
                loadMoments(moments.ReadAll());
            optimizer.Steps = steps;
            if (average is not null && state.Bytes.ContainsKey(AverageFile))
            {
                using var averages = SafetensorsFile.Open(Path.Combine(folder, AverageFile));
                average.Load(averages.ReadAll());
            }
            if (loadHealth is not null && state.Bytes.ContainsKey(HealthFile))
            {
                using var health = SafetensorsFile.Open(Path.Combine(folder, HealthFile));
                loadHealth(health.ReadAll());
            }
        }
        catch (Exception failure) when (failure is StateMismatchException or InvalidDataException)
        {
            throw new BadInputException($"{folder} does not fit this recipe: {failure.Message}", failure);
        }
        if (state.Recipe != recipeHash)
            throw new BadInputException($"{folder} was made with another recipe; a run continues with the recipe it began with, which stands as recipe.yaml in its folder");
        if (state.Data != dataHash)
            throw new BadInputException($"{folder} was made with another list of videos; give the same --data, or start a new run with another --out");
        if (lossScale is not null && state.LossScale is { } scaling)
            lossScale.State = scaling;
        return state;
    }

    /// <summary>Whether a checkpoint was made with the recipe of this hash.</summary>
    internal static bool WasMadeWith(string folder, string recipeHash) => TryReadState(folder)?.Recipe == recipeHash;

    /// <summary>Lets checkpoints that know their recipe by an earlier version's hash know it by today's.</summary>
    /// <param name="earlier">The hash they have.</param>
    /// <param name="recipeHash">The one they get.</param>
    /// <exception cref="IOException">The disk is full or gone; what was not renamed stands as it was.</exception>
    internal void Rename(string earlier, string recipeHash)
    {
        foreach (var folder in Folders(run.Checkpoints))
        {
            if (TryReadState(folder) is { } state && state.Recipe == earlier)
                WholeFile.WriteText(Path.Combine(folder, StateFile), JsonSerializer.Serialize(state with { Recipe = recipeHash }, ReadableJson.Options));
        }
    }

    private static List<string> Folders(string checkpoints) => Directory.Exists(checkpoints)
        ? [.. Directory.GetDirectories(checkpoints, "step-*").Where(f => !f.EndsWith(".partial", StringComparison.Ordinal)).OrderBy(StepOf)]
        : [];

    private static CheckpointState? TryReadState(string folder)
    {
        try
        {
            using var stream = File.OpenRead(Path.Combine(folder, StateFile));
            var state = JsonSerializer.Deserialize<CheckpointState>(stream, ReadableJson.Options);
            return state is { Bytes: { } bytes, Recipe: not null, Data: not null } && bytes.ContainsKey(ModelFile)
                && bytes.All(f => Path.GetFileName(f.Key) == f.Key && !f.Key.Contains('\0', StringComparison.Ordinal) && new FileInfo(Path.Combine(folder, f.Key)) is { Exists: true } file && file.Length == f.Value)
                ? state
                : null;
        }
        catch (Exception failure) when (failure is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long StepOf(string folder) =>
        long.TryParse(Path.GetFileName(folder).AsSpan("step-".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;

    private static string Name(long step) => "step-" + step.ToString("D6", CultureInfo.InvariantCulture);

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static void TryRemove(string folder)
    {
        try
        {
            Remove(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A leftover costs room, not correctness: it is never taken for a checkpoint.
        }
    }
}

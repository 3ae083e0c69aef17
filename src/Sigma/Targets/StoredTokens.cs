using System.Globalization;
using System.Text.Json;
using Sigma.Data;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Targets;

/// <summary>What the tokens in a folder are of; <c>tokens.json</c>.</summary>
/// <param name="Teacher">SHA-256 of the teacher's file.</param>
/// <param name="Target">Which DINO it is.</param>
/// <param name="Clips">The settings that decide what the teacher was shown.</param>
/// <param name="Videos">Hash of the list of videos.</param>
/// <param name="Starts">Clips of a video.</param>
/// <param name="Tubes">N of a clip.</param>
/// <param name="Width">D of a token.</param>
internal sealed record StoredTokensFacts(string Teacher, TargetKind Target, string Clips, string Videos, int Starts, int Tubes, int Width);

/// <summary>
/// A teacher's tokens, made ahead by <c>sigma data teach</c> and kept beside the list of videos: for every video a file with
/// those of each of its <c>clip.starts</c> clips, [starts, N, D] in half precision. Threads may read at the same time.
/// </summary>
public sealed class StoredTokens
{
    internal const string Tensor = "tokens";
    private const string FactsFile = "tokens.json";
    private const int FilesPerFolder = 1000;

    private readonly string folder;
    private readonly StoredTokensFacts facts;

    private StoredTokens(string folder, StoredTokensFacts facts) => (this.folder, this.facts) = (folder, facts);

    /// <summary>D of a token.</summary>
    public int Width => facts.Width;

    /// <summary>N, tubes of a clip.</summary>
    public int Tubes => facts.Tubes;

    /// <summary>SHA-256 of the teacher's file.</summary>
    public string Teacher => facts.Teacher;

    /// <summary>Numbers of one clip's tokens.</summary>
    internal int ClipNumbers => checked(facts.Tubes * facts.Width);

    private int ClipBytes => checked(2 * ClipNumbers);

    /// <summary>Where the tokens of a list or folder of videos stand: beside it, under its name and <c>.tokens</c>.</summary>
    public static string FolderOf(string data) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)) + ".tokens";

    /// <summary>
    /// The tokens beside the videos of a run, or null where there are none or the recipe asks for none.
    /// </summary>
    /// <param name="data">The list or folder of videos.</param>
    /// <param name="manifest">What was read from it.</param>
    /// <param name="recipe">Of the run.</param>
    /// <exception cref="BadInputException">There are tokens, but not for what the recipe shows its network.</exception>
    public static StoredTokens? Beside(string data, Manifest manifest, Recipe recipe)
    {
        var folder = FolderOf(data);
        if (!recipe.Objective.NeedsTeacher || !recipe.Objective.StoredTokens || !File.Exists(Path.Combine(folder, FactsFile)))
            return null;
        const string without = "or run the teacher with --set objective.storedTokens=false";
        if (WhyNot(recipe.Clip) is { } reason)
            throw new BadInputException($"{folder} holds a teacher's tokens, but they cannot stand for its answers here: {reason}, {without}");
        var stored = Read(folder);
        if (stored.facts.Target != recipe.Objective.Target || stored.facts.Clips != ClipsOf(recipe))
            throw new BadInputException($"{folder} holds tokens of other clips or another kind of teacher ({RecipeValue.Write(stored.facts.Target)}, {stored.facts.Clips}; this recipe: {RecipeValue.Write(recipe.Objective.Target)}, {ClipsOf(recipe)}): make them again with `sigma data teach`, {without}");
        if (stored.facts.Videos != manifest.Hash)
            throw new BadInputException($"{folder} holds tokens of another list of videos than {data}: make them again with `sigma data teach`, {without}");
        if (recipe.Objective.Teacher is { } teacher && File.Exists(teacher) && ContentHash.OfFile(teacher) != stored.facts.Teacher)
            throw new BadInputException($"{folder} holds tokens of another teacher than {teacher}: make them again with `sigma data teach`, {without}");
        return stored;
    }

    /// <summary>Why tokens cannot be made ahead for these clips, and what would be right; null where they can.</summary>
    internal static string? WhyNot(ClipRecipe clip)
    {
        List<string> reasons = [], remedies = [];
        void Needs(bool holds, string reason, string remedy)
        {
            if (holds)
                return;
            reasons.Add(reason);
            remedies.Add($"--set {remedy}");
        }

        Needs(clip.Crop == CropKind.Resize, "crops are drawn anew in every epoch (clip.crop multi-scale)", "clip.crop=resize");
        Needs(!clip.Flip, "half the clips are mirrored (clip.flip)", "clip.flip=false");
        Needs(clip.GreyScale == 0, "some clips are turned grey (clip.greyScale)", "clip.greyScale=0");
        Needs(clip.Starts is not null, "a clip may begin at any frame (clip.starts null)", "clip.starts=4");
        return reasons.Count == 0 ? null : $"{string.Join("; ", reasons)}; give {string.Join(' ', remedies)}";
    }

    /// <summary>Takes the folder for new tokens, or goes on with those of the same kind that are in it.</summary>
    /// <exception cref="BadInputException">It holds other tokens.</exception>
    internal static StoredTokens Make(string folder, StoredTokensFacts facts)
    {
        var path = Path.Combine(folder, FactsFile);
        if (File.Exists(path) && Read(folder).facts != facts)
            throw new BadInputException($"{folder} holds tokens of another teacher, other clips or other videos: remove it, or name another --data");
        Directory.CreateDirectory(folder);
        WholeFile.WriteText(path, JsonSerializer.Serialize(facts, ReadableJson.Options));
        return new(folder, facts);
    }

    /// <summary>Whether the tokens of a video are there; a file stands under its name only when it is whole.</summary>
    internal bool Has(int video) => File.Exists(FileOf(video));

    /// <summary>Keeps the tokens of a video's clips, [starts, N, D] in half precision.</summary>
    /// <exception cref="IOException">The disk is full or gone; nothing is left under the video's name.</exception>
    internal void Write(int video, Tensor tokens)
    {
        var path = FileOf(video);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WholeFile.Write(path, partial => SafetensorsFile.Write(partial, [(Tensor, tokens)]));
    }

    /// <summary>Reads one clip's tokens, [N, D] in half precision.</summary>
    /// <exception cref="BadInputException">The video's file is missing or damaged.</exception>
    internal void Read(int video, int start, Span<byte> tokens)
    {
        var path = FileOf(video);
        try
        {
            using var file = SafetensorsFile.Open(path);
            if (file.Entries.GetValueOrDefault(Tensor) is { } all && all.End - all.Start != (long)facts.Starts * ClipBytes)
                throw new InvalidDataException($"holds {all.End - all.Start} bytes, wanted {facts.Starts} × {ClipBytes}");
            file.Read(Tensor, (long)start * ClipBytes, tokens[..ClipBytes]);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or KeyNotFoundException)
        {
            throw new BadInputException($"{path}: the stored tokens cannot be read ({failure.Message}); remove the file and run `sigma data teach` again, which makes what is missing", failure);
        }
    }

    /// <summary>What a recipe shows its teacher, in words.</summary>
    internal static string ClipsOf(Recipe recipe)
    {
        var clip = recipe.Clip;
        return string.Create(CultureInfo.InvariantCulture,
            $"{clip.Starts} clips a video, {clip.Frames} frames, stride {clip.Stride}, {clip.Size} pixels, tubes of {clip.TubeFrames} x {clip.TubeSize}");
    }

    private static StoredTokens Read(string folder)
    {
        var path = Path.Combine(folder, FactsFile);
        try
        {
            var facts = JsonSerializer.Deserialize<StoredTokensFacts>(File.ReadAllText(path), ReadableJson.Options);
            return facts is { Teacher: not null, Clips: not null, Videos: not null, Starts: > 0, Tubes: > 0, Width: > 0 } && 2L * facts.Tubes * facts.Width <= int.MaxValue
                ? new(folder, facts)
                : throw new JsonException("what it says makes no sense");
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    private string FileOf(int video) => Path.Combine(
        folder, (video / FilesPerFolder).ToString("D4", CultureInfo.InvariantCulture), video.ToString("D7", CultureInfo.InvariantCulture) + ".safetensors");
}

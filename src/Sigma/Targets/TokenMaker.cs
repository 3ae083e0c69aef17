using Sigma.Data;
using Sigma.Media;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Targets;

/// <summary>Runs a recipe's teacher once over every clip of every video, and keeps its tokens beside the list of videos.</summary>
public sealed class TokenMaker
{
    /// <summary>Clips that the teacher is shown at a time.</summary>
    private const int Batch = 8;

    private readonly Recipe recipe;
    private readonly Manifest manifest;
    private readonly Device device;
    private readonly string folder;
    private readonly PretrainingClips clips;

    /// <summary>Checks everything that can be checked before work starts.</summary>
    /// <param name="recipe">Names the teacher, and the clips.</param>
    /// <param name="data">A folder of videos or a list of them.</param>
    /// <param name="device">Where the teacher computes.</param>
    /// <exception cref="BadInputException">The recipe has no teacher, or draws its clips anew in every epoch.</exception>
    /// <exception cref="RecipeException">The teacher's file is not named or not there.</exception>
    public TokenMaker(Recipe recipe, string data, Device device)
    {
        if (!recipe.Objective.NeedsTeacher)
            throw new BadInputException($"objective.target is {RecipeValue.Write(recipe.Objective.Target)}, which has no teacher: tokens are made for dino-v1 and dino-v2");
        recipe.RequireRunnable("the recipe");
        RunnableHere.Require(recipe.Precision, device);
        RunnableHere.Require(recipe.Data, device);
        if (StoredTokens.WhyNot(recipe.Clip) is { } reason)
            throw new BadInputException($"a teacher's tokens cannot be made ahead for these clips: {reason}");
        (this.recipe, this.device, folder) = (recipe, device, StoredTokens.FolderOf(data));
        manifest = Manifest.Load(data);
        clips = new(recipe);
    }

    /// <summary>Videos that cannot be read; they have no tokens, and training sets them aside too.</summary>
    public UnreadableVideos Unreadable { get; } = new();

    /// <summary>
    /// Makes the tokens that are missing. What is there already stays, so that an interrupted call is continued by the next.
    /// </summary>
    /// <param name="progress">Called with videos done and videos in all.</param>
    /// <param name="stop">Ends it early; what is done is kept.</param>
    /// <returns>The folder, videos taught now, and whether it ended early.</returns>
    /// <exception cref="BadInputException">The teacher does not serve, or other tokens are in the folder.</exception>
    /// <exception cref="IOException">The disk is full; what is done is kept.</exception>
    public (string Folder, int Taught, bool Interrupted) Run(Action<int, int> progress, CancellationToken stop)
    {
        using var teacher = new TeacherTarget(recipe, device);
        var (clip, starts) = (recipe.Clip, recipe.Clip.Starts!.Value);
        var tokens = StoredTokens.Make(folder, new(
            ContentHash.OfFile(recipe.Objective.Teacher!), recipe.Objective.Target, StoredTokens.ClipsOf(recipe), manifest.Hash, starts, clip.Tubes, teacher.Width));
        int[] missing = [.. Enumerable.Range(0, manifest.Count).Where(v => !tokens.Has(v))];
        var videos = Math.Max(1, Batch / starts);
        var workers = recipe.Data.Workers > 0 ? recipe.Data.Workers : Environment.ProcessorCount;
        var (done, taught) = (manifest.Count - missing.Length, 0);
        using var pipeline = new BatchPipeline<Work>(workers, workers + 1, Open, Fill, work => work.Clips.Dispose());
        try
        {
            while (pipeline.Next(stop) is { } work)
            {
                using (work.Clips)
                    Teach(work);
                done += work.Videos.Length;
                progress(done, manifest.Count);
            }
        }
        catch (OperationCanceledException)
        {
            return (folder, taught, true);
        }
        return (folder, taught, false);

        (Work, int)? Open(long number)
        {
            int[] part = [.. missing.Skip((int)number * videos).Take(videos)];
            if (part.Length == 0)
                return null;
            var memory = Tensor.Empty([part.Length * starts, clip.Frames, clip.Size, clip.Size, 3], ScalarType.UInt8).KeepForever();
            return (new(part, memory, new bool[part.Length]), part.Length);
        }

        void Fill(Work work, int slot, CancellationToken cancelled)
        {
            try
            {
                using var video = ClipReader.Open(new ManifestEntry(manifest[work.Videos[slot]].Path, null), recipe.Data.Nvdec(device));
                var bytes = (int)(work.Clips.Elements / work.Clips.Size(0));
                for (var start = 0; start < starts; start++)
                {
                    cancelled.ThrowIfCancellationRequested();
                    clips.ReadAt(video, start, work.Clips.Data<byte>((long)(slot * starts + start) * bytes, bytes));
                }
                work.Read[slot] = true;
            }
            catch (MediaException e)
            {
                Unreadable.Add(e);
            }
        }

        void Teach(Work work)
        {
            using var scope = new TensorScope();
            using var autocast = new Autocast(device, recipe.Precision.Type());
            var made = F.To(teacher.Tokens(F.To(work.Clips, device)), ScalarType.Float16, Device.Cpu); // [videos · starts, N, D]
            for (var slot = 0; slot < work.Videos.Length; slot++)
            {
                if (!work.Read[slot])
                    continue;
                tokens.Write(work.Videos[slot], F.Contiguous(F.Narrow(made, 0, slot * starts, starts)));
                taught++;
            }
        }
    }

    /// <summary>Videos whose clips are read and shown to the teacher together.</summary>
    private sealed record Work(int[] Videos, Tensor Clips, bool[] Read);
}

using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Targets;

/// <summary>
/// A frozen teacher's patch token of the first frame of each tube: SIGMA-DINO. Where the teacher's patches are not the
/// clip's cells (DINOv2's 14 pixels against 16), its map of tokens is resized bilinearly.
/// </summary>
public sealed class TeacherTarget : ITarget, IDisposable
{
    private readonly DinoTeacher teacher;
    private readonly ClipRecipe clip;
    private readonly bool standardise;

    /// <summary>
    /// The target of a recipe, with the teacher of the file it names.
    /// </summary>
    /// <exception cref="BadInputException">
    /// The file is no such teacher, or the teacher's patches do not fit the recipe's clips.
    /// </exception>
    public TeacherTarget(Recipe recipe, Device device)
    {
        var path = recipe.Objective.Teacher ?? throw new BadInputException("objective.teacher is not given: name the teacher's checkpoint with --set objective.teacher=PATH");
        (clip, standardise) = (recipe.Clip, recipe.Objective.NormaliseTarget);
        teacher = TeacherFile.Open(path, recipe.Objective.Target, device);
        if (Misfit(recipe.Objective.Target, teacher.Shape.PatchSize) is { } misfit)
        {
            teacher.Dispose();
            throw new BadInputException($"{path} does not fit the clips: {misfit}");
        }
    }

    /// <summary>The target of a recipe with a teacher that fits its clips, which it owns.</summary>
    internal TeacherTarget(DinoTeacher teacher, Recipe recipe) =>
        (this.teacher, clip, standardise) = (teacher, recipe.Clip, recipe.Objective.NormaliseTarget);

    /// <inheritdoc/>
    public int Width => teacher.Shape.Width;

    /// <inheritdoc/>
    public double OperationsPerClip => Arithmetic.Teacher(teacher.Shape, clip);

    /// <inheritdoc/>
    public Tensor Of(Tensor clips, Tensor tubes, Tensor hidden, Tensor? tokens = null)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        return scope.Keep(TeacherTokens.Hidden(Tokens(clips), hidden, standardise));
    }

    /// <summary>Clips [B, T, H, W, 3], bytes or normalised numbers, to the teacher's tokens of all tubes [B, N, D], without gradient.</summary>
    public Tensor Tokens(Tensor clips)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var patches = teacher.Forward(FirstFrames(clips)).Patches; // [B·slices, n, D]
        if (patches.Size(1) != clip.CellsPerSlice)
            patches = TokenMap.Bilinear(patches, clip.Grid);
        return scope.Keep(F.Reshape(patches, -1, clip.Tubes, Width));
    }

    /// <summary>Frees the teacher.</summary>
    public void Dispose() => teacher.Dispose();

    /// <summary>[B·slices, 3, H, W], normalised.</summary>
    private Tensor FirstFrames(Tensor clips)
    {
        var shape = clips.Shape;
        var slices = F.Reshape(clips, shape[0] * clip.Slices, clip.TubeFrames, shape[2], shape[3], 3);
        return F.Contiguous(F.Permute(ClipTubes.Normalised(F.Select(slices, 1, 0)), 0, 3, 1, 2));
    }

    private string? Misfit(TargetKind kind, int patch)
    {
        if (clip.Size % patch != 0)
            return $"its patches of {patch} × {patch} pixels do not divide clip.size {clip.Size}; take a multiple of {patch}, also of clip.tubeSize {clip.TubeSize}";
        if (kind == TargetKind.DinoV1 && patch != clip.TubeSize)
            return $"its patches have {patch} × {patch} pixels and give {clip.Size / patch} × {clip.Size / patch} tokens a frame, but clip.tubeSize {clip.TubeSize} makes {clip.Grid} × {clip.Grid} tubes; name a teacher with patches of {clip.TubeSize}, or set clip.tubeSize={patch}";
        return null;
    }
}

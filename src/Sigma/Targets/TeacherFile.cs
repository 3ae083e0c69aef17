using Sigma.Checkpoints;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Targets;

/// <summary>Opens the checkpoint of a teacher, published or saved by this project.</summary>
public static class TeacherFile
{
    /// <summary>
    /// The teacher in a file.
    /// </summary>
    /// <param name="path">A PyTorch or safetensors file with a DINO's tensors under their published names.</param>
    /// <param name="kind">Which DINO is asked for.</param>
    /// <param name="device">Where it is to compute.</param>
    /// <exception cref="BadInputException">The file cannot be read, is no DINO, or is the other one.</exception>
    public static DinoTeacher Open(string path, TargetKind kind, Device device)
    {
        try
        {
            using var file = CheckpointFile.Open(path);
            using var scope = new TensorScope();
            var shape = DinoShape.Of(file.Tensors.ToDictionary(t => t.Key, t => t.Value.Shape), path);
            CheckKind(path, kind, shape);
            return new DinoTeacher(shape, file.Tensors.ToDictionary(t => t.Key, t => t.Value.ToTensor()), device);
        }
        catch (Exception failure) when (failure is CheckpointFormatException or IOException)
        {
            throw new BadInputException($"objective.teacher cannot be read: {failure.Message}", failure);
        }
    }

    private static void CheckKind(string path, TargetKind kind, DinoShape shape)
    {
        if (shape.LayerScale != (kind == TargetKind.DinoV2))
        {
            var (asked, found) = (RecipeValue.Write(kind), shape.LayerScale ? "dino-v2" : "dino-v1");
            throw new BadInputException($"{path} is a {found} teacher, but objective.target is {asked}: name a {asked} checkpoint with --set objective.teacher=PATH, or use --set objective.target={found}");
        }
    }
}

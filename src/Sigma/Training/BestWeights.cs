using Sigma.Torch;

namespace Sigma.Training;

/// <summary>The weights of a run that did best on the validation videos, in its folder <c>best</c>.</summary>
internal static class BestWeights
{
    /// <summary>The folder's name.</summary>
    public const string Folder = "best";

    /// <summary>The file that holds them.</summary>
    public static string In(RunFolder run) => Path.Combine(run.In(Folder), CheckpointStore.ModelFile);

    /// <summary>Writes them in the place of what was best before; what stands under the name is always whole.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public static void Save(RunFolder run, Module model)
    {
        Directory.CreateDirectory(run.In(Folder));
        WholeFile.Write(In(run), partial => SafetensorsFile.Write(partial, model.Parameters()));
    }
}

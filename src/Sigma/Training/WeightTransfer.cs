using Sigma.Checkpoints;
using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>Takes the tensors of a checkpoint that fit a model; its encoder must fit, the rest may.</summary>
internal static class WeightTransfer
{
    private const string LearnedPositions = "pos_embed";

    /// <summary>Overwrites a model's initial weights.</summary>
    /// <param name="path">A file of weights of any known names.</param>
    /// <param name="model">With published names.</param>
    /// <param name="shape">Its encoder, and the clips that stored positions belong to.</param>
    /// <param name="names">The stored tensors under the model's names.</param>
    /// <param name="needed">Whether a parameter of the model must be there.</param>
    /// <returns>The file, how many tensors were taken, and the parameters that keep their initial values.</returns>
    /// <exception cref="BadInputException">The file cannot be read, what is needed does not fit, or numbers are not finite.</exception>
    public static (string File, int Taken, IReadOnlyList<string> Left) Into(
        string path, Module model, EncoderShape shape, Func<PublishedState, IReadOnlyDictionary<string, StoredTensor>> names, Func<string, bool> needed)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        try
        {
            using var file = CheckpointFile.Open(path);
            var stored = names(PublishedState.Of(file));
            var fitting = new List<(Tensor Own, Tensor Value)>();
            var left = new List<string>();
            foreach (var (name, value) in model.Parameters())
            {
                var found = stored.TryGetValue(name, out var tensor) ? Fitted(name, tensor.ToTensor(), value, shape) : null;
                if (found is not null)
                    fitting.Add((value, Finite(found) ? found : throw new BadInputException($"{file.Path}: {name} holds numbers that are not finite: what made it had diverged, take an earlier checkpoint")));
                else if (needed(name))
                    throw new BadInputException($"{file.Path} does not fit the recipe's encoder: {Difference(name, value, tensor)}; sizes are set by model.size, model.width, model.depth, clip.tubeFrames and clip.tubeSize");
                else
                    left.Add(name);
            }
            foreach (var (value, found) in fitting)
                F.Copy_(value, F.Reshape(found, value.Shape));
            return (file.Path, fitting.Count, left);
        }
        catch (Exception failure) when (failure is CheckpointFormatException or StateMismatchException or IOException)
        {
            throw new BadInputException(failure is IOException ? $"{path} cannot be read: {failure.Message}" : failure.Message, failure);
        }
    }

    private static bool Finite(Tensor stored) => stored.Elements == 0 || double.IsFinite(F.Max(F.Abs(stored)).Item());

    private static Tensor? Fitted(string name, Tensor stored, Tensor own, EncoderShape shape)
    {
        if (name.Split('.')[^1] == LearnedPositions)
        {
            var (from, width) = (shape.TableOf ?? (shape.Slices, shape.Rows), (int)own.Size(-1));
            return stored.Elements == (long)from.Slices * from.Rows * from.Rows * width
                ? Positions.Resampled(F.Reshape(stored, -1, width), from, (shape.Slices, shape.Rows))
                : null;
        }
        return stored.Shape.AsSpan().SequenceEqual(own.Shape) ? stored : null;
    }

    private static string Difference(string name, Tensor own, StoredTensor? stored) => stored is null
        ? $"it has no {name}"
        : $"{name} is [{string.Join(", ", stored.Shape)}], wanted [{string.Join(", ", own.Shape)}]";
}

using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// The exponential moving average of a model's weights, kept beside it: after every update
/// average ← decay · average + (1 − decay) · weights. It starts from the initial weights.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private readonly double decay;
    private readonly string[] names;
    private readonly Tensor[] weights;
    private readonly Tensor[] averages;

    /// <summary>An average that starts at the model's present weights.</summary>
    public WeightAverage(Module model, double decay)
    {
        this.decay = decay;
        (string Name, Tensor Value)[] parameters = [.. model.Parameters()];
        names = [.. parameters.Select(p => p.Name)];
        weights = [.. parameters.Select(p => p.Value)];
        using var noGrad = new NoGrad();
        averages = [.. weights.Select(w => F.Clone(w).KeepForever())];
    }

    /// <summary>Takes in the weights as they are now.</summary>
    public void Update()
    {
        using var noGrad = new NoGrad();
        Operator.Get("aten::_foreach_mul_.Scalar").Run(averages, decay);
        Operator.Get("aten::_foreach_add_.List").Run(averages, weights, 1 - decay);
    }

    /// <summary>The averages under the parameters' names.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() => names.Zip(averages);

    /// <summary>Continues from stored averages.</summary>
    /// <exception cref="StateMismatchException">They belong to other parameters.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        StateMismatchException.ThrowIfAny(
            "the averaged weights", State().ToDictionary(p => p.Name, p => p.Value.Shape), state.ToDictionary(p => p.Key, p => p.Value.Shape));
        foreach (var (name, value) in State())
            F.Copy_(value, state[name]);
    }

    /// <summary>Frees the averages; the weights belong to the model.</summary>
    public void Dispose()
    {
        foreach (var average in averages)
            average.Dispose();
    }
}

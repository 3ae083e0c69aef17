namespace Sigma.Torch;

/// <summary>
/// A part of a network: named parameters and named parts. Names joined with dots are those of the published
/// checkpoints. Parameters live until the module is disposed.
/// </summary>
public abstract class Module : IDisposable
{
    private readonly List<(string Name, Tensor Value)> parameters = [];
    private readonly List<(string Name, Module Part)> parts = [];
    private readonly List<Tensor> constants = [];

    /// <summary>Every parameter below this module with its full name, in the order of registration.</summary>
    public IEnumerable<(string Name, Tensor Value)> Parameters()
    {
        foreach (var parameter in parameters)
            yield return parameter;
        foreach (var (name, part) in parts)
        {
            foreach (var (below, value) in part.Parameters())
                yield return ($"{name}.{below}", value);
        }
    }

    /// <summary>Number of trained values.</summary>
    public long ParameterCount => Parameters().Sum(p => p.Value.Elements);

    /// <summary>Takes a tensor as a trained parameter under a name; it moves out of any scope.</summary>
    protected Tensor Parameter(string name, Tensor value)
    {
        value.KeepForever().RequiresGrad = true;
        parameters.Add((name, value));
        return value;
    }

    /// <summary>Takes a tensor that is computed with but not trained: it moves and is freed with the parameters.</summary>
    protected Tensor Constant(Tensor value)
    {
        constants.Add(value.KeepForever());
        return value;
    }

    /// <summary>Takes a module as a part under a name.</summary>
    protected T Part<T>(string name, T part)
        where T : Module
    {
        parts.Add((name, part));
        return part;
    }

    /// <summary>Switches gradients for every parameter, for frozen networks.</summary>
    public void RequireGradients(bool value)
    {
        foreach (var (_, parameter) in Parameters())
            parameter.RequiresGrad = value;
    }

    /// <summary>Moves every parameter and constant to a device.</summary>
    public void MoveTo(Device device)
    {
        foreach (var tensor in parameters.Select(p => p.Value).Concat(constants))
            tensor.MoveTo(device);
        foreach (var (_, part) in parts)
            part.MoveTo(device);
    }

    /// <summary>
    /// Overwrites the parameters with values of the same names and shapes.
    /// </summary>
    /// <exception cref="StateMismatchException">
    /// Names are missing or unexpected, or shapes differ; then nothing was changed.
    /// </exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        var own = Parameters().ToDictionary(p => p.Name, p => p.Value);
        StateMismatchException.ThrowIfAny(
            "the stored state", own.ToDictionary(p => p.Key, p => p.Value.Shape), state.ToDictionary(p => p.Key, p => p.Value.Shape));
        using var noGrad = new NoGrad();
        foreach (var (name, value) in own)
            F.Copy_(value, state[name]);
    }

    /// <summary>Frees every parameter.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees every parameter; a module that holds other tensors frees them here.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var value in parameters.Select(p => p.Value).Concat(constants))
            value.Dispose();
        foreach (var (_, part) in parts)
            part.Dispose();
    }
}

using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// The optimiser's state shared out over the ranks (ZeRO stage 1, Rajbhandari et al. 2020): every rank keeps the moments of
/// its own parameters, moves those, and sends their new values to the others. The weights that come out are bit for bit
/// those of a run in which every rank keeps everything.
/// </summary>
public sealed class OptimizerShards
{
    /// <summary>Weights travel together in about so many elements: a message for each would be mostly latency.</summary>
    private const long MostElements = 8 << 20;

    private readonly ProcessGroup group;
    private readonly IReadOnlyList<(string Name, Tensor Value)> parameters;
    private readonly Dictionary<string, int> owner = [];

    /// <summary>Gives every parameter an owner: the largest first, each to the rank that has least so far.</summary>
    public OptimizerShards(Ranks ranks, Module model)
    {
        group = ranks.Group ?? throw new InvalidOperationException("one rank alone has nobody to share with");
        parameters = [.. model.Parameters()];
        var load = new long[ranks.Count];
        foreach (var (name, value) in parameters.OrderByDescending(p => p.Value.Elements))
        {
            var least = Array.IndexOf(load, load.Min());
            owner.Add(name, least);
            load[least] += value.Elements;
        }
    }

    /// <summary>The groups with this rank's parameters only.</summary>
    public IReadOnlyList<ParameterGroup> Own(IReadOnlyList<ParameterGroup> groups) =>
        [.. groups.Select(g => g with { Parameters = [.. g.Parameters.Where(p => owner[p.Name] == group.Rank)] })];

    /// <summary>After every owner has moved its parameters: their values go to all ranks.</summary>
    public void ShareWeights()
    {
        using var noGrad = new NoGrad();
        for (var rank = 0; rank < group.Size; rank++)
        {
            foreach (var load in Loads([.. parameters.Where(p => owner[p.Name] == rank).Select(p => p.Value)]))
            {
                using var scope = new TensorScope();
                var flat = F.Cat([.. load.Select(p => F.Reshape(F.Detach(p), -1))], 0);
                group.Broadcast(flat, rank);
                if (rank == group.Rank)
                    continue;
                var at = 0L;
                foreach (var value in load)
                {
                    F.Copy_(value, F.Reshape(F.Narrow(flat, 0, at, value.Elements), value.Shape));
                    at += value.Elements;
                }
            }
        }
    }

    /// <summary>
    /// The moments of all parameters in main memory, in the order an unshared optimiser gives them, for rank 0 to save. All
    /// ranks call it.
    /// </summary>
    /// <param name="optimizer">Of this rank.</param>
    /// <param name="groups">All parameters' groups, whose order the optimiser keeps.</param>
    /// <returns>Names and tensors, in the caller's scope; empty on other ranks.</returns>
    public List<(string Name, Tensor Value)> Collect(AdamW optimizer, IReadOnlyList<ParameterGroup> groups)
    {
        var own = optimizer.State().ToDictionary(p => p.Name, p => p.Value);
        var all = new List<(string, Tensor)>();
        foreach (var (name, value) in groups.SelectMany(g => g.Parameters))
        {
            foreach (var moment in AdamW.MomentNames(name))
            {
                using var scope = new TensorScope();
                var tensor = own.TryGetValue(moment, out var mine) ? mine : F.ZerosLike(F.Detach(value));
                group.Broadcast(tensor, owner[name]);
                if (group.Rank == 0)
                    all.Add((moment, scope.Keep(F.Clone(F.To(tensor, Device.Cpu)))));
            }
        }
        return all;
    }

    /// <summary>Rank 0 sends stored moments to their owners. All ranks call it, the others without a state.</summary>
    /// <exception cref="StateMismatchException">The state belongs to other parameters.</exception>
    public void Distribute(AdamW optimizer, IReadOnlyDictionary<string, Tensor>? state)
    {
        if (state is not null)
        {
            StateMismatchException.ThrowIfAny(
                "the optimiser's state", parameters.SelectMany(p => AdamW.MomentNames(p.Name).Select(name => (name, p.Value))).ToDictionary(p => p.name, p => p.Value.Shape),
                state.ToDictionary(p => p.Key, p => p.Value.Shape));
        }
        using var noGrad = new NoGrad();
        var own = optimizer.State().ToDictionary(p => p.Name, p => p.Value);
        foreach (var (name, value) in parameters)
        {
            foreach (var moment in AdamW.MomentNames(name))
            {
                using var scope = new TensorScope();
                var tensor = F.ZerosLike(F.Detach(value));
                if (state is not null)
                    F.Copy_(tensor, state[moment]);
                group.Broadcast(tensor);
                if (own.TryGetValue(moment, out var mine))
                    F.Copy_(mine, tensor);
            }
        }
    }

    private static IEnumerable<List<Tensor>> Loads(IReadOnlyList<Tensor> values)
    {
        var (load, elements) = (new List<Tensor>(), 0L);
        foreach (var value in values)
        {
            load.Add(value);
            elements += value.Elements;
            if (elements < MostElements)
                continue;
            yield return load;
            (load, elements) = ([], 0);
        }
        if (load.Count > 0)
            yield return load;
    }
}

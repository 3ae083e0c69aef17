namespace Sigma.Torch;

/// <summary>Parameters that share a weight decay and a factor on the rate.</summary>
/// <param name="Parameters">Names and tensors.</param>
/// <param name="WeightDecay">Decay per step, times the rate.</param>
/// <param name="RateScale">What the rate is multiplied with, for layer-wise decay.</param>
public sealed record ParameterGroup(IReadOnlyList<(string Name, Tensor Value)> Parameters, double WeightDecay, double RateScale = 1);

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), in PyTorch's order of operations: decay, moments,
/// bias-corrected step. The rate is given with every step.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly (double First, double Second) betas;
    private readonly double eps;
    private readonly IReadOnlyList<ParameterGroup> groups;
    private readonly Dictionary<string, (Tensor First, Tensor Second)> moments = [];

    /// <summary>An optimiser with zero moments.</summary>
    public AdamW(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8)
    {
        this.groups = groups;
        this.eps = eps;
        betas = (beta1, beta2);
        foreach (var (name, value) in groups.SelectMany(g => g.Parameters))
            moments.Add(name, (F.ZerosLike(F.Detach(value)).KeepForever(), F.ZerosLike(F.Detach(value)).KeepForever()));
    }

    /// <summary>Steps taken so far; set where another rank's state is taken over.</summary>
    public long Steps { get; set; }

    /// <summary>Moves every parameter that has a gradient, at this rate.</summary>
    public void Step(double rate)
    {
        Steps++;
        using var noGrad = new NoGrad();
        foreach (var group in groups)
        {
            using var scope = new TensorScope();
            var moving = group.Parameters.Select(p => (p.Value, p.Value.Grad, Moments: moments[p.Name])).Where(p => p.Grad is not null).ToArray();
            if (moving.Length > 0)
                Update([.. moving.Select(p => p.Value)], [.. moving.Select(p => p.Grad!)],
                    [.. moving.Select(p => p.Moments.First)], [.. moving.Select(p => p.Moments.Second)], rate * group.RateScale, group.WeightDecay);
        }
    }

    /// <summary>Forgets every gradient; the next backward makes new ones.</summary>
    public void ZeroGradients()
    {
        foreach (var (_, value) in groups.SelectMany(g => g.Parameters))
            value.Grad = null;
    }

    private void Update(Tensor[] weights, Tensor[] gradients, Tensor[] first, Tensor[] second, double rate, double decay)
    {
        if (!weights[0].Device.IsCuda)
            Operator.Get("sigma::adamw_").Run(weights, gradients, first, second, rate, betas.First, betas.Second, eps, decay, Steps);
        else if (Operator.Find("aten::_fused_adamw_") is { } fused)
            UpdateFused(fused, weights, gradients, first, second, rate, decay);
        else
            UpdateByOperators(weights, gradients, first, second, rate, decay);
    }

    /// <summary>libtorch's own pass over all tensors, in newer versions and on a GPU.</summary>
    private void UpdateFused(Operator fused, Tensor[] weights, Tensor[] gradients, Tensor[] first, Tensor[] second, double rate, double decay)
    {
        var step = F.Full([], Steps, ScalarType.Float32, weights[0].Device);
        Tensor[] steps = [.. Enumerable.Repeat(step, weights.Length)];
        fused.Run(weights, gradients, first, second, Array.Empty<Tensor?>(), steps, rate, betas.First, betas.Second, decay, eps, false, false);
    }

    private void UpdateByOperators(Tensor[] weights, Tensor[] gradients, Tensor[] first, Tensor[] second, double rate, double decay)
    {
        var (beta1, beta2) = betas;
        Operator.Get("aten::_foreach_mul_.Scalar").Run(weights, 1 - rate * decay);
        Operator.Get("aten::_foreach_mul_.Scalar").Run(first, beta1);
        Operator.Get("aten::_foreach_add_.List").Run(first, gradients, 1 - beta1);
        Operator.Get("aten::_foreach_mul_.Scalar").Run(second, beta2);
        Operator.Get("aten::_foreach_addcmul_.Scalar").Run(second, gradients, gradients, 1 - beta2);
        var root = Operator.Get("aten::_foreach_sqrt").CallMany(second.Length, (Arg)second)!;
        Operator.Get("aten::_foreach_div_.Scalar").Run(root, Math.Sqrt(1 - Math.Pow(beta2, Steps)));
        Operator.Get("aten::_foreach_add_.Scalar").Run(root, eps);
        Operator.Get("aten::_foreach_addcdiv_.Scalar").Run(weights, first, root, -rate / (1 - Math.Pow(beta1, Steps)));
    }

    /// <summary>Both moments of every parameter, under <see cref="MomentNames"/>.</summary>
    public IEnumerable<(string Name, Tensor Value)> State()
    {
        foreach (var (name, (first, second)) in moments)
        {
            var names = MomentNames(name);
            yield return (names[0], first);
            yield return (names[1], second);
        }
    }

    /// <summary>The names of a parameter's first and second moment: <c>name.exp_avg</c> and <c>name.exp_avg_sq</c>.</summary>
    public static string[] MomentNames(string parameter) => [$"{parameter}.exp_avg", $"{parameter}.exp_avg_sq"];

    /// <summary>Continues from stored moments.</summary>
    /// <exception cref="StateMismatchException">They belong to other parameters.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state, long steps)
    {
        var own = State().ToDictionary(p => p.Name, p => p.Value);
        StateMismatchException.ThrowIfAny(
            "the optimiser's state", own.ToDictionary(p => p.Key, p => p.Value.Shape), state.ToDictionary(p => p.Key, p => p.Value.Shape));
        foreach (var (name, value) in own)
            F.Copy_(value, state[name]);
        Steps = steps;
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        foreach (var (first, second) in moments.Values)
        {
            first.Dispose();
            second.Dispose();
        }
    }
}

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
    private double rate;

    /// <summary>On a GPU the number of steps and each group's rate live there too, where a recorded step finds them.</summary>
    private Tensor? stepsThere;
    private Tensor[] ratesThere = [];

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
        Next(rate);
        Move();
    }

    /// <summary>The first half of a step: counts it, and says at which rate it will be made.</summary>
    public void Next(double rate)
    {
        Steps++;
        this.rate = rate;
        if (FusedOnDevice is null)
            return;
        if (stepsThere is null)
        {
            var device = groups.SelectMany(g => g.Parameters).First().Value.Device;
            stepsThere = F.Zeros([], device: device).KeepForever();
            ratesThere = [.. groups.Select(_ => F.Zeros([], device: device).KeepForever())];
        }
        F.Fill_(stepsThere, Steps);
        foreach (var (there, group) in ratesThere.Zip(groups))
            F.Fill_(there, rate * group.RateScale);
    }

    /// <summary>The second half: moves every parameter that has a gradient. On a GPU nothing in it depends on the host.</summary>
    public void Move()
    {
        using var noGrad = new NoGrad();
        for (var i = 0; i < groups.Count; i++)
        {
            var group = groups[i];
            using var scope = new TensorScope();
            var moving = group.Parameters.Select(p => (p.Value, p.Value.Grad, Moments: moments[p.Name])).Where(p => p.Grad is not null).ToArray();
            if (moving.Length > 0)
                Update(i, [.. moving.Select(p => p.Value)], [.. moving.Select(p => p.Grad!)],
                    [.. moving.Select(p => p.Moments.First)], [.. moving.Select(p => p.Moments.Second)], rate * group.RateScale, group.WeightDecay);
        }
    }

    /// <summary>Forgets every gradient; the next backward makes new ones.</summary>
    public void ZeroGradients()
    {
        foreach (var (_, value) in groups.SelectMany(g => g.Parameters))
            value.Grad = null;
    }

    /// <summary>libtorch's own pass over all tensors, with rate and steps on the GPU; null in older versions.</summary>
    private static Operator? Fused => Operator.Find("aten::_fused_adamw_.tensor_lr");

    /// <summary>The same, where the parameters are on a GPU; null elsewhere.</summary>
    private Operator? FusedOnDevice =>
        groups.SelectMany(g => g.Parameters).Select(p => p.Value.Device.IsCuda).FirstOrDefault() ? Fused : null;

    /// <summary>Whether <see cref="Move"/> can be recorded on a GPU.</summary>
    public static bool CanBeRecorded => Fused is not null;

    private void Update(int group, Tensor[] weights, Tensor[] gradients, Tensor[] first, Tensor[] second, double rate, double decay)
    {
        if (!weights[0].Device.IsCuda)
            Operator.Get("sigma::adamw_").Run(weights, gradients, first, second, rate, betas.First, betas.Second, eps, decay, Steps);
        else if (Fused is { } fused)
            fused.Run(weights, gradients, first, second, Array.Empty<Tensor?>(), Enumerable.Repeat(stepsThere!, weights.Length).ToArray(), ratesThere[group],
                betas.First, betas.Second, decay, eps, false, false);
        else
            UpdateByOperators(weights, gradients, first, second, rate, decay);
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
        stepsThere?.Dispose();
        foreach (var there in ratesThere)
            there.Dispose();
    }
}

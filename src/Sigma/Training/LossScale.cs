using Sigma.Torch;

namespace Sigma.Training;

/// <summary>Where the loss scaling of a run stands, as a checkpoint keeps it.</summary>
/// <param name="Value">The factor on the loss.</param>
/// <param name="Good">Updates since it last changed.</param>
/// <param name="Skipped">Updates left out so far, which the optimiser did not count.</param>
public sealed record LossScaleState(double Value, int Good, long Skipped);

/// <summary>
/// Dynamic loss scaling (Micikevicius et al. 2018): in half precision small gradients vanish, so the loss is multiplied
/// before backward and the gradients are divided afterwards. The factor halves, and the update is left out, when a
/// gradient is not finite; it doubles after 2000 good updates.
/// </summary>
public sealed class LossScale
{
    /// <summary>Below it the loss is no longer scaled up, so gradients that still overflow say that the run diverges.</summary>
    private const double Least = 1;

    private const double Start = 65536;
    private const int GoodBeforeDoubling = 2000;

    /// <summary>The present factor and its history.</summary>
    public LossScaleState State { get; set; } = new(Start, 0, 0);

    /// <summary>Whether there is room left to halve; without it the run diverges.</summary>
    public bool HasRoom => State.Value >= Least;

    /// <summary>The loss to run backward from.</summary>
    public Tensor Scaled(Tensor loss) => loss * State.Value;

    /// <summary>Divides the gradients of a model, in place.</summary>
    public void Unscale(Module model)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        foreach (var (_, parameter) in model.Parameters())
        {
            if (parameter.Grad is { } gradient)
                F.Mul_(gradient, 1 / State.Value);
        }
    }

    /// <summary>
    /// Whether an update may be made with gradients of this norm, and the factor for the next one. The host waits for the
    /// device here.
    /// </summary>
    public bool Accepts(Tensor norm)
    {
        var finite = double.IsFinite(norm.Item());
        State = (finite, State.Good + 1) switch
        {
            (false, _) => new(State.Value / 2, 0, State.Skipped + 1),
            (true, GoodBeforeDoubling) => State with { Value = State.Value * 2, Good = 0 },
            (true, var good) => State with { Good = good },
        };
        return finite;
    }
}

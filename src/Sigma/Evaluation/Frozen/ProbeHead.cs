using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Evaluation.Frozen;

/// <summary>What is trained on frozen features: features of a clip to scores of the classes.</summary>
public abstract class ProbeHead : Module
{
    /// <summary>Features [B, …] to logits [B, classes].</summary>
    public abstract Tensor Forward(Tensor features);
}

/// <summary>The linear probe: a norm over the mean of a clip's tokens, and a linear layer.</summary>
public sealed class LinearHead : ProbeHead
{
    private readonly LayerNorm norm;
    private readonly LinearLayer head;

    /// <summary>A probe of <paramref name="width"/> channels with initial weights drawn from a seed.</summary>
    public LinearHead(int width, int classes, long seed)
    {
        using var scope = new TensorScope();
        norm = Part("norm", new LayerNorm(width));
        head = Part("head", new LinearLayer(new Initialiser(seed).TruncatedNormal(0.01, classes, width), Initialiser.Zeros(classes)));
    }

    /// <summary>[B, D] to [B, classes].</summary>
    public override Tensor Forward(Tensor features) => head.Forward(norm.Forward(features));
}

/// <summary>
/// The attentive probe: a learned query looks at all tokens of a clip through one block of cross-attention (norm, attention,
/// then norm and an MLP of ratio 4, each added to the query), and a linear layer reads what it saw.
/// </summary>
public sealed class AttentiveHead : ProbeHead
{
    private const double Deviation = 0.02;

    private readonly int heads;
    private readonly Tensor query;
    private readonly LayerNorm tokenNorm, mlpNorm;
    private readonly LinearLayer queries, keys, values, projection, first, second, head;

    /// <summary>A probe of <paramref name="width"/> channels, split evenly over the heads, with initial weights drawn from a seed.</summary>
    public AttentiveHead(int width, int heads, int classes, long seed)
    {
        using var scope = new TensorScope();
        var initialiser = new Initialiser(seed);
        LinearLayer Linear(int inputs, int outputs) => new(initialiser.TruncatedNormal(Deviation, outputs, inputs), Initialiser.Zeros(outputs));
        this.heads = heads;
        query = Parameter("query", initialiser.TruncatedNormal(Deviation, width));
        tokenNorm = Part("norm1", new LayerNorm(width));
        queries = Part("q", Linear(width, width));
        keys = Part("k", Linear(width, width));
        values = Part("v", Linear(width, width));
        projection = Part("proj", Linear(width, width));
        mlpNorm = Part("norm2", new LayerNorm(width));
        first = Part("fc1", Linear(width, 4 * width));
        second = Part("fc2", Linear(4 * width, width));
        head = Part("head", Linear(width, classes));
    }

    /// <summary>[B, N, D] to [B, classes].</summary>
    public override Tensor Forward(Tensor features)
    {
        using var scope = new TensorScope();
        var (batch, width) = (features.Size(0), features.Size(2));
        var tokens = tokenNorm.Forward(features);
        Tensor Split(Tensor x) => F.Transpose(F.Reshape(x, x.Size(0), x.Size(1), heads, width / heads), 1, 2); // [B, heads, N, d]
        var asked = Split(queries.Forward(F.Reshape(query, 1, 1, width))) * Math.Pow(width / heads, -0.5); // [1, heads, 1, d]
        var attention = F.Softmax(F.MatMul(asked, F.Transpose(Split(keys.Forward(tokens)), -2, -1)), -1); // [B, heads, 1, N]
        var seen = F.Reshape(F.Transpose(F.MatMul(attention, Split(values.Forward(tokens))), 1, 2), batch, width); // [B, D]
        var x = query + projection.Forward(seen);
        x += second.ForwardOfGelu(first.Forward(mlpNorm.Forward(x)));
        return scope.Keep(head.Forward(x));
    }
}

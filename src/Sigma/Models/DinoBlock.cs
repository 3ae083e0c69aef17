using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// A frozen pre-norm block of DINO: a full qkv bias, exact GELU, and in DINOv2 each branch scaled per channel (LayerScale)
/// before it is added.
/// </summary>
internal sealed class DinoBlock
{
    private readonly int heads;
    private readonly (Tensor Weight, Tensor Bias) qkv, projection, mlpNorm, first, second;
    private readonly Tensor? attentionScale, mlpScale;

    /// <summary>The block of this index among the tensors of a teacher, which stay the teacher's.</summary>
    public DinoBlock(IReadOnlyDictionary<string, Tensor> tensors, int index, int heads)
    {
        this.heads = heads;
        (Tensor, Tensor) Pair(string name) => (tensors[DinoShape.Block(index, $"{name}.weight")], tensors[DinoShape.Block(index, $"{name}.bias")]);
        (Norm, qkv, projection) = (Pair("norm1"), Pair("attn.qkv"), Pair("attn.proj"));
        (mlpNorm, first, second) = (Pair("norm2"), Pair("mlp.fc1"), Pair("mlp.fc2"));
        attentionScale = tensors.GetValueOrDefault(DinoShape.Block(index, "ls1.gamma"));
        mlpScale = tensors.GetValueOrDefault(DinoShape.Block(index, "ls2.gamma"));
    }

    /// <summary>The norm of the tokens that it reads.</summary>
    public (Tensor Weight, Tensor Bias) Norm { get; }

    /// <summary>
    /// Tokens [B, N, D] and their <see cref="Norm"/> to the block's tokens and the norm that is taken of them next: a sum and the
    /// norm of it are one pass over memory.
    /// </summary>
    public (Tensor Tokens, Tensor Normed) Forward(Tensor x, Tensor normed, (Tensor Weight, Tensor Bias) next)
    {
        using var scope = new TensorScope();
        var mixed = Linear(F.Attention(Linear(normed, qkv), heads), projection);
        (x, normed) = Added(x, mixed, attentionScale, mlpNorm);
        (x, normed) = Added(x, Linear(Linear(normed, first), second, gelu: true), mlpScale, next);
        return (scope.Keep(x), scope.Keep(normed));
    }

    private static (Tensor Tokens, Tensor Normed) Added(Tensor x, Tensor branch, Tensor? scale, (Tensor Weight, Tensor Bias) norm) =>
        F.AddNorm(x, scale is null ? branch : branch * scale, norm.Weight, norm.Bias, DinoTeacher.Epsilon);

    private static Tensor Linear(Tensor x, (Tensor Weight, Tensor Bias) layer, bool gelu = false) => F.FusedLinear(x, layer.Weight, layer.Bias, gelu);
}

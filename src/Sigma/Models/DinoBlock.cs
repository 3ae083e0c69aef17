using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// A frozen pre-norm block of DINO: a full qkv bias, exact GELU, and in DINOv2 each branch scaled per channel (LayerScale)
/// before it is added.
/// </summary>
internal sealed class DinoBlock
{
    private readonly int heads;
    private readonly (Tensor Weight, Tensor Bias) attentionNorm, qkv, projection, mlpNorm, first, second;
    private readonly Tensor? attentionScale, mlpScale;

    /// <summary>The block of this index among the tensors of a teacher, which stay the teacher's.</summary>
    public DinoBlock(IReadOnlyDictionary<string, Tensor> tensors, int index, int heads)
    {
        this.heads = heads;
        (Tensor, Tensor) Pair(string name) => (tensors[DinoShape.Block(index, $"{name}.weight")], tensors[DinoShape.Block(index, $"{name}.bias")]);
        (attentionNorm, qkv, projection) = (Pair("norm1"), Pair("attn.qkv"), Pair("attn.proj"));
        (mlpNorm, first, second) = (Pair("norm2"), Pair("mlp.fc1"), Pair("mlp.fc2"));
        attentionScale = tensors.GetValueOrDefault(DinoShape.Block(index, "ls1.gamma"));
        mlpScale = tensors.GetValueOrDefault(DinoShape.Block(index, "ls2.gamma"));
    }

    /// <summary>[B, N, D] to [B, N, D].</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        x += Scaled(Linear(F.Attention(Linear(Norm(x, attentionNorm), qkv), heads), projection), attentionScale);
        return scope.Keep(x + Scaled(Linear(Linear(Norm(x, mlpNorm), first), second, gelu: true), mlpScale));
    }

    private static Tensor Norm(Tensor x, (Tensor Weight, Tensor Bias) norm) => F.LayerNorm(x, norm.Weight, norm.Bias, DinoTeacher.Epsilon);

    private static Tensor Linear(Tensor x, (Tensor Weight, Tensor Bias) layer, bool gelu = false) => F.FusedLinear(x, layer.Weight, layer.Bias, gelu);

    private static Tensor Scaled(Tensor x, Tensor? scale) => scale is null ? x : x * scale;
}

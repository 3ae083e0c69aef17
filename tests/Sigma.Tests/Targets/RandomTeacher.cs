using Sigma.Checkpoints;
using Sigma.Checkpoints.Torch;
using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Tests.Targets;

/// <summary>A teacher with random weights, under the published names.</summary>
internal static class RandomTeacher
{
    public const int Width = 64;

    /// <summary>The tensors of one block over patches of a size, with a table for <paramref name="rows"/>² patches; DINOv2's if it has registers.</summary>
    public static Dictionary<string, Tensor> Tensors(int patch, int rows, int registers = 0)
    {
        var random = new Initialiser(patch);
        var tensors = new Dictionary<string, Tensor>
        {
            ["cls_token"] = random.Normal(1, 1, 1, Width),
            ["pos_embed"] = random.Normal(1, 1, 1 + rows * rows, Width),
            ["patch_embed.proj.weight"] = random.Normal(0.1, Width, 3, patch, patch),
            ["patch_embed.proj.bias"] = random.Normal(0.1, Width),
        };
        void Pair(string name, params long[] weight)
        {
            tensors[$"{name}.weight"] = random.Normal(0.2, weight);
            tensors[$"{name}.bias"] = random.Normal(0.2, weight[0]);
        }
        Pair("blocks.0.norm1", Width);
        Pair("blocks.0.attn.qkv", 3 * Width, Width);
        Pair("blocks.0.attn.proj", Width, Width);
        Pair("blocks.0.norm2", Width);
        Pair("blocks.0.mlp.fc1", 4 * Width, Width);
        Pair("blocks.0.mlp.fc2", Width, 4 * Width);
        Pair("norm", Width);
        if (registers > 0)
        {
            tensors["register_tokens"] = random.Normal(1, 1, registers, Width);
            tensors["mask_token"] = random.Normal(1, 1, Width);
            tensors["blocks.0.ls1.gamma"] = random.Normal(1, Width);
            tensors["blocks.0.ls2.gamma"] = random.Normal(1, Width);
        }
        return tensors;
    }

    /// <summary>Writes a DINO teacher as its training does: a PyTorch file, the network as backbone beside a projection head.</summary>
    public static string SaveTraining(string path, int patch, int rows)
    {
        using var scope = new TensorScope();
        var stored = Tensors(patch, rows).ToDictionary(
            t => $"module.backbone.{t.Key}", t => StoredTensor.FromBytes(ScalarType.Float32, t.Value.Shape, t.Value.Bytes.ToArray()));
        stored["module.head.mlp.0.weight"] = StoredTensor.FromBytes(ScalarType.Float32, [1], new byte[4]);
        TorchFileWriter.Write(path, stored, "teacher");
        return path;
    }

    /// <summary>Writes such a teacher as safetensors.</summary>
    public static string Save(string path, int patch, int rows, int registers = 0, Action<Dictionary<string, Tensor>>? change = null)
    {
        using var scope = new TensorScope();
        var tensors = Tensors(patch, rows, registers);
        change?.Invoke(tensors);
        SafetensorsFile.Write(path, tensors.Select(t => (t.Key, t.Value)));
        return path;
    }
}

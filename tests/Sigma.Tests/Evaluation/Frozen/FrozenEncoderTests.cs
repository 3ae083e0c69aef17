using Sigma.Checkpoints;
using Sigma.Checkpoints.Torch;
using Sigma.Evaluation.Frozen;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Frozen;

[Trait("Category", "evaluation")]
public sealed class FrozenEncoderTests : IDisposable
{
    private readonly FrozenRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void A_run_its_checkpoint_and_its_file_are_the_same_encoder()
    {
        using var whole = FrozenEncoder.Load(run.Run);
        foreach (var path in new[] { run.In("run/checkpoints/step-000001"), run.Weights })
        {
            using var encoder = FrozenEncoder.Load(path);
            Assert.Equal((whole.Hash, whole.Clip), (encoder.Hash, encoder.Clip));
        }
        Assert.Equal((4, 2, 32, 8), (whole.Clip.Frames, whole.Clip.Stride, whole.Clip.Size, whole.Clip.TubeSize));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(run.Weights))), whole.Hash);
    }

    [Fact]
    public void A_published_file_tells_its_size_by_its_weights()
    {
        var recipe = new Recipe { Model = ModelRecipe.Of(ModelSize.VitTi) };
        using (var scope = new TensorScope())
        {
            using var encoder = new VideoEncoder(new Initialiser(0), EncoderShape.Of(recipe));
            TorchFileWriter.Write(run.In("published.pth"), encoder.Parameters().ToDictionary(p => "encoder." + p.Name, p => StoredTensor.FromBytes(ScalarType.Float32, p.Value.Shape, p.Value.Bytes.ToArray())));
        }
        using var loaded = FrozenEncoder.Load(run.In("published.pth"), change: clip => clip with { Frames = 4, Size = 48 });
        Assert.Equal((192, 12, 3, (8, 14)), (loaded.Encoder.Shape.Width, loaded.Encoder.Shape.Depth, loaded.Encoder.Shape.Heads, loaded.Encoder.Shape.TableOf!.Value));
        using var outer = new TensorScope();
        Assert.Equal([1, 2 * 3 * 3, 192], loaded.Tokens(F.Zeros([1, 4, 48, 48, 3], ScalarType.UInt8)).Shape);
    }

    [Fact]
    public void What_holds_no_whole_encoder_is_refused()
    {
        Refused("no such checkpoint", run.In("nothing"));
        File.WriteAllBytes(run.In("torn.safetensors"), File.ReadAllBytes(run.Weights)[..^10]);
        Refused("torn.safetensors", run.In("torn.safetensors"));
        File.Copy(run.Weights, run.In("alone.safetensors"));
        Refused("none of the published sizes", run.In("alone.safetensors"));
        var e = Assert.Throws<BadInputException>(() => FrozenEncoder.Load(run.Run, change: clip => clip with { Size = 33 }));
        Assert.Contains("--frames and --size must be multiples", e.Message, StringComparison.Ordinal);
        using var scope = new TensorScope();
        Dictionary<string, Tensor> tensors;
        using (var file = SafetensorsFile.Open(run.Weights))
            tensors = file.ReadAll();
        SafetensorsFile.Write(run.Weights, tensors.Where(p => !p.Key.EndsWith("blocks.0.norm1.weight", StringComparison.Ordinal)).Select(p => (p.Key, p.Value)));
        Refused("it has no blocks.0.norm1.weight", run.Weights);
    }

    private static void Refused(string told, string path)
    {
        var e = Assert.ThrowsAny<Exception>(() => FrozenEncoder.Load(path));
        Assert.True(e is BadInputException, e.ToString());
        Assert.Contains(told, e.Message, StringComparison.Ordinal);
    }
}

using Sigma.Checkpoints;
using Sigma.Checkpoints.Torch;
using Sigma.Evaluation.Frozen;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

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

    [Theory]
    [InlineData("")] // its best weights
    [InlineData("checkpoints/step-000001")]
    [InlineData("best/model.safetensors")]
    public void Of_a_fine_tuned_model_the_encoder_is_taken_and_gives_what_its_classifier_pools(string name)
    {
        using var files = new TinyFineTune(videosOfAClass: 1);
        using (var tuner = new FineTuner(new() { Recipe = files.Recipe("clip.sampling=segments", "optimizer.batch=2"), Data = files.Data, Validation = files.Validation, Init = files.Init, Out = files.In("tuned"), MaxSteps = 1 }))
            tuner.Train(default);
        var path = Path.Combine(files.In("tuned"), name);
        using var encoder = FrozenEncoder.Load(path);
        Assert.Equal((4, 2, 32, SamplingKind.Segments), (encoder.Clip.Frames, encoder.Clip.Stride, encoder.Clip.Size, encoder.Clip.Sampling));
        using var tuned = FineTunedModel.Open(path, null);
        using var scope = new TensorScope();
        var clips = Tensor.From([.. Enumerable.Range(0, 2 * 4 * 32 * 32 * 3).Select(i => (byte)(i * 37 % 251))], 2, 4, 32, 32, 3);
        var pooled = F.Mean(encoder.Tokens(clips), [1]);
        // fc_norm is at its start, near the plain norm: what it makes of the mean is what the classifier calls its features.
        var norm = tuned.Model.Parameters().Where(p => p.Name.StartsWith("fc_norm.", StringComparison.Ordinal)).ToDictionary(p => p.Name, p => p.Value);
        using var noGrad = new NoGrad();
        var expected = tuned.Model.Features(ClipTubes.Cut(clips, 2, 8)).ToArray<float>();
        var found = F.LayerNorm(pooled, norm["fc_norm.weight"], norm["fc_norm.bias"], 1e-6).ToArray<float>();
        Assert.All(expected.Zip(found), p => Assert.Equal(p.First, p.Second, 1e-4));
    }

    [Fact]
    public void A_published_classifier_tells_its_size_by_its_weights()
    {
        var recipe = new FineTuneRecipe { Model = EncoderRecipe.Of(ModelSize.VitTi) };
        using (var scope = new TensorScope())
        {
            using var model = new VideoClassifier(EncoderShape.Of(recipe), 3, 0);
            TorchFileWriter.Write(run.In("classifier.pth"), model.Parameters().ToDictionary(p => p.Name, p => StoredTensor.FromBytes(ScalarType.Float32, p.Value.Shape, p.Value.Bytes.ToArray())));
        }
        using var loaded = FrozenEncoder.Load(run.In("classifier.pth"));
        Assert.Equal((192, 12, 3, 16, 224), (loaded.Encoder.Shape.Width, loaded.Encoder.Shape.Depth, loaded.Encoder.Shape.Heads, loaded.Clip.Frames, loaded.Clip.Size));
        Assert.DoesNotContain("norm.weight", loaded.Encoder.Parameters().Select(p => p.Name));
    }

    [Fact]
    public void What_holds_no_whole_encoder_is_refused()
    {
        Refused("no such checkpoint", run.In("nothing"));
        File.WriteAllBytes(run.In("torn.safetensors"), File.ReadAllBytes(run.Weights)[..^10]);
        Refused("torn.safetensors: is not a whole safetensors file", run.In("torn.safetensors"));
        File.Copy(run.Weights, run.In("alone.safetensors"));
        Refused("none of the published sizes", run.In("alone.safetensors"));
        var e = Assert.Throws<BadInputException>(() => FrozenEncoder.Load(run.Run, change: clip => clip with { Size = 33 }));
        Assert.Contains("--frames and --size must be multiples", e.Message, StringComparison.Ordinal);
        using var scope = new TensorScope();
        Dictionary<string, Tensor> tensors;
        using (var file = SafetensorsFile.Open(run.Weights))
            tensors = file.ReadAll();
        SafetensorsFile.Write(run.Weights, tensors.Select(p => (p.Key, p.Key == "encoder.norm.bias" ? p.Value * double.NaN : p.Value)));
        Refused("norm.bias holds numbers that are not finite", run.Weights);
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

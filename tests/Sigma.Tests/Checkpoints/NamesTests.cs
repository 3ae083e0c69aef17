using Sigma.Checkpoints;
using Sigma.Checkpoints.Names;
using Sigma.Torch;

namespace Sigma.Tests.Checkpoints;

[Trait("Category", "checkpoints")]
public sealed class NamesTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("sigma-names-").FullName;
    readonly Random random = new(7);

    public void Dispose() => Directory.Delete(folder, true);

    StoredTensor Make(params long[] shape)
    {
        var bytes = new byte[4 * shape.Aggregate(1L, (a, b) => a * b)];
        random.NextBytes(bytes);
        return StoredTensor.FromBytes(ScalarType.Float32, shape, bytes);
    }

    void Block(Dictionary<string, StoredTensor> tensors, string prefix, long width)
    {
        foreach (var norm in new[] { "norm1", "norm2" })
        {
            tensors[$"{prefix}{norm}.weight"] = Make(width);
            tensors[$"{prefix}{norm}.bias"] = Make(width);
        }
        tensors[prefix + "attn.q_bias"] = Make(width);
        tensors[prefix + "attn.v_bias"] = Make(width);
        tensors[prefix + "attn.qkv.weight"] = Make(3 * width, width);
        tensors[prefix + "attn.proj.weight"] = Make(width, width);
        tensors[prefix + "attn.proj.bias"] = Make(width);
        tensors[prefix + "mlp.fc1.weight"] = Make(4 * width, width);
        tensors[prefix + "mlp.fc1.bias"] = Make(4 * width);
        tensors[prefix + "mlp.fc2.weight"] = Make(width, 4 * width);
        tensors[prefix + "mlp.fc2.bias"] = Make(width);
    }

    Dictionary<string, StoredTensor> Pretraining(long predicted)
    {
        var tensors = new Dictionary<string, StoredTensor>
        {
            ["mask_token"] = Make(1, 1, 4),
            ["encoder.patch_embed.proj.weight"] = Make(8, 3, 2, 4, 4),
            ["encoder.patch_embed.proj.bias"] = Make(8),
            ["encoder.norm.weight"] = Make(8),
            ["encoder.norm.bias"] = Make(8),
            ["decoder.norm.weight"] = Make(4),
            ["decoder.norm.bias"] = Make(4),
            ["decoder.head.weight"] = Make(predicted, 4),
            ["decoder.head.bias"] = Make(predicted),
            ["encoder_to_decoder.weight"] = Make(4, 8),
        };
        for (var i = 0; i < 11; i++) Block(tensors, $"encoder.blocks.{i}.", 8);
        Block(tensors, "decoder.blocks.0.", 4);
        return tensors;
    }

    Dictionary<string, StoredTensor> Sigma()
    {
        var tensors = Pretraining(6);
        tensors["prototypes"] = Make(5, 6);
        tensors["head.0.weight"] = Make(6, 96);
        return tensors;
    }

    [Fact]
    public void A_VideoMAE_exported_to_transformers_has_the_names_transformers_expects()
    {
        var names = HuggingFaceNames.Export(Pretraining(96), HuggingFaceModel.ForPreTraining).Tensors;
        Assert.Equal([8, 8], names["videomae.encoder.layer.10.attention.attention.key.weight"].Shape);
        string[] some =
        [
            "mask_token", "encoder_to_decoder.weight", "decoder.norm.bias", "decoder.head.weight", "videomae.layernorm.weight",
            "videomae.embeddings.patch_embeddings.projection.bias", "videomae.encoder.layer.3.attention.attention.q_bias",
            "videomae.encoder.layer.3.attention.output.dense.weight", "videomae.encoder.layer.3.intermediate.dense.weight",
            "videomae.encoder.layer.3.output.dense.bias", "videomae.encoder.layer.3.layernorm_before.weight",
            "decoder.decoder_layers.0.layernorm_after.bias", "decoder.decoder_layers.0.attention.attention.value.weight",
        ];
        Assert.All(some, name => Assert.Contains(name, names.Keys));
        Assert.DoesNotContain(names.Keys, n => n.StartsWith(HuggingFaceNames.Extra, StringComparison.Ordinal));
    }

    [Fact]
    public void Query_key_and_value_are_the_thirds_of_the_joint_weight_in_this_order()
    {
        var tensors = Pretraining(96);
        var names = HuggingFaceNames.Export(tensors, HuggingFaceModel.Model).Tensors;
        var joint = tensors["encoder.blocks.1.attn.qkv.weight"].ReadContiguous();
        var parts = new[] { "query", "key", "value" }.SelectMany(p => names[$"encoder.layer.1.attention.attention.{p}.weight"].ReadContiguous());
        Assert.Equal(joint, parts);
    }

    [Fact]
    public void To_transformers_and_back_through_files_is_byte_identical()
    {
        var tensors = Sigma();
        var path = Path.Combine(folder, "model.safetensors");
        SafetensorsExport.Write(path, HuggingFaceNames.Export(tensors, HuggingFaceModel.ForPreTraining).Tensors);
        using var file = CheckpointFile.Open(path);
        Assert.Equal(NamingScheme.HuggingFace, NamingSchemes.Of(file.Tensors));
        GoldenCheckpointTests.AssertSame(tensors, HuggingFaceNames.Import(file.Tensors, path));
    }

    [Fact]
    public void What_transformers_has_no_place_for_travels_beside()
    {
        var names = HuggingFaceNames.Export(Sigma(), HuggingFaceModel.ForPreTraining).Tensors;
        Assert.Contains("sigma.prototypes", names.Keys);
        Assert.Contains("sigma.head.0.weight", names.Keys);
        Assert.Contains("sigma.decoder.head.weight", names.Keys); // 6 clusters' features, not 96 pixels
    }

    [Fact]
    public void The_encoder_alone_tells_what_it_leaves_out()
    {
        var tensors = Sigma();
        var renamed = HuggingFaceNames.Export(tensors, HuggingFaceModel.Model);
        Assert.All(renamed.LeftOut, n => Assert.False(n.StartsWith("encoder.", StringComparison.Ordinal)));
        var back = HuggingFaceNames.Import(renamed.Tensors, "x");
        GoldenCheckpointTests.AssertSame(tensors.Where(t => t.Key.StartsWith("encoder.", StringComparison.Ordinal)).ToDictionary(), back);
        Assert.Equal(tensors.Count, back.Count + renamed.LeftOut.Count);
    }

    [Fact]
    public void A_classifier_goes_there_and_back()
    {
        var tensors = new Dictionary<string, StoredTensor>
        {
            ["patch_embed.proj.weight"] = Make(8, 3, 2, 4, 4),
            ["patch_embed.proj.bias"] = Make(8),
            ["fc_norm.weight"] = Make(8),
            ["fc_norm.bias"] = Make(8),
            ["head.weight"] = Make(7, 8),
            ["head.bias"] = Make(7),
        };
        Block(tensors, "blocks.0.", 8);
        var names = HuggingFaceNames.Export(tensors, HuggingFaceModel.ForVideoClassification).Tensors;
        Assert.Contains("classifier.weight", names.Keys);
        Assert.Equal(HuggingFaceModel.ForVideoClassification, HuggingFaceNames.ModelOf(names));
        GoldenCheckpointTests.AssertSame(tensors, HuggingFaceNames.Import(names, "x"));
    }

    [Fact]
    public void An_import_lists_all_that_is_missing_or_unknown()
    {
        var names = HuggingFaceNames.Export(Pretraining(96), HuggingFaceModel.ForPreTraining).Tensors.ToDictionary();
        names.Remove("videomae.encoder.layer.0.attention.attention.key.weight");
        names["videomae.encoder.layer.1.attention.attention.value.weight"] = Make(8, 9);
        names["videomae.adapter.weight"] = Make(1);
        var mismatch = Assert.Throws<StateMismatchException>(() => HuggingFaceNames.Import(names, "model.safetensors"));
        Assert.Equal(["videomae.encoder.layer.0.attention.attention.key.weight"], mismatch.Missing);
        Assert.Equal(["videomae.adapter.weight"], mismatch.Unexpected);
        Assert.Equal("videomae.encoder.layer.1.attention.attention.value.weight", Assert.Single(mismatch.ShapeDifferences).Name);
    }

    [Fact]
    public void An_encoder_moves_from_pre_training_to_fine_tuning_names_and_back()
    {
        var tensors = Sigma();
        var classifier = PublishedNames.ToFineTuning(tensors);
        Assert.Contains("blocks.10.attn.qkv.weight", classifier.Tensors.Keys);
        Assert.Contains("prototypes", classifier.LeftOut);
        var back = PublishedNames.ToPretraining(classifier.Tensors);
        Assert.Empty(back.LeftOut);
        GoldenCheckpointTests.AssertSame(tensors.Where(t => t.Key.StartsWith("encoder.", StringComparison.Ordinal)).ToDictionary(), back.Tensors);
    }

    [Fact]
    public void The_config_follows_from_the_shapes_and_survives_its_file()
    {
        var config = HuggingFaceConfig.Of(Pretraining(96), HuggingFaceModel.ForPreTraining, 2, 1) with { ImageSize = 32, NumFrames = 8 };
        var path = Path.Combine(folder, "config.json");
        config.Write(path);
        var text = File.ReadAllText(path);
        foreach (var line in new[]
        {
            "\"model_type\": \"videomae\"", "\"VideoMAEForPreTraining\"", "\"hidden_size\": 8", "\"num_hidden_layers\": 11", "\"patch_size\": 4",
            "\"decoder_hidden_size\": 4", "\"decoder_num_hidden_layers\": 1", "\"decoder_intermediate_size\": 16", "\"use_mean_pooling\": false",
        })
            Assert.Contains(line, text, StringComparison.Ordinal);
        Assert.Equal(config with { Architectures = null }, HuggingFaceConfig.Read(path) with { Architectures = null });
    }

    [SkippableTheory]
    [InlineData("checkpoint_pretrain.pth", NamingScheme.Pretraining)]
    [InlineData("checkpoint_finetune.pth", NamingScheme.FineTuning)]
    public void Published_names_are_recognised(string name, NamingScheme scheme)
    {
        var path = Path.Combine(Fixtures.Folder, name);
        Skip.IfNot(File.Exists(path), $"no {name} in {Fixtures.Folder}");
        using var file = CheckpointFile.Open(path);
        Assert.Equal(scheme, NamingSchemes.Of(file.Tensors));
    }
}

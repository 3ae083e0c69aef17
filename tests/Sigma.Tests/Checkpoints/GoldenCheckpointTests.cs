using System.Text.Json;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Pickle;
using Sigma.Checkpoints.Torch;
using Sigma.Torch;

namespace Sigma.Tests.Checkpoints;

/// <summary>Files that PyTorch wrote, against the same tensors as safetensors.</summary>
[Trait("Category", "parity")]
public sealed class GoldenCheckpointTests
{
    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        foreach (var path in Directory.Exists(Fixtures.Folder) ? Directory.GetFiles(Fixtures.Folder, "*.safetensors") : [])
            if (KindOf(path) == "checkpoint") cases.Add(Path.GetFileName(path));
        if (cases.Count == 0) cases.Add("");
        return cases;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Every_tensor_under_the_root_is_read_bit_for_bit(string expectedName)
    {
        Skip.If(expectedName.Length == 0, $"no file of kind checkpoint in {Fixtures.Folder}");
        using var expected = CheckpointFile.Open(Path.Combine(Fixtures.Folder, expectedName));
        foreach (var key in new[] { "file", "also" })
        {
            if (!expected.Metadata.TryGetValue(key, out var file)) continue;
            using var actual = CheckpointFile.Open(Path.Combine(Fixtures.Folder, file));
            // The older file may hold the dictionary itself.
            if (key == "file") Assert.Equal(expected.Metadata["root"], actual.Root);
            Assert.Empty(actual.LeftOut);
            AssertSame(expected.Tensors, actual.Tensors);
        }
    }

    [SkippableFact]
    public void Everything_beside_the_model_is_there_as_plain_values()
    {
        var path = Path.Combine(Fixtures.Folder, "checkpoint_pretrain.pth");
        Skip.IfNot(File.Exists(path), $"no checkpoint_pretrain.pth in {Fixtures.Folder}");
        using var file = TorchFile.Open(path);
        var top = Assert.IsType<PickleDict>(file.Content);

        Assert.Equal(3L, Get(top, "epoch"));
        Assert.Equal(65536.0, Get(Assert.IsType<PickleDict>(Get(top, "scaler")), "scale"));
        var optimizer = Assert.IsType<PickleDict>(Get(top, "optimizer"));
        var groups = Assert.IsType<List<object?>>(Get(optimizer, "param_groups"));
        Assert.Equal(2, groups.Count);
        Assert.Equal(new object[] { 0.9, 0.95 }, Get(Assert.IsType<PickleDict>(groups[0]), "betas"));
        var moments = Assert.IsType<PickleDict>(Assert.IsType<PickleDict>(Get(optimizer, "state")).First().Value);
        Assert.Equal(ScalarType.Float32, Assert.IsType<StoredTensor>(Get(moments, "exp_avg"), exactMatch: false).Type);
    }

    [SkippableFact]
    public void A_pickled_namespace_stays_a_name_with_its_values_beside()
    {
        var path = Path.Combine(Fixtures.Folder, "checkpoint_pretrain.pth");
        Skip.IfNot(File.Exists(path), $"no checkpoint_pretrain.pth in {Fixtures.Folder}");
        using var file = TorchFile.Open(path);
        var args = Assert.IsType<InertObject>(Get(Assert.IsType<PickleDict>(file.Content), "args"));
        Assert.Equal("argparse.Namespace", args.ToString());
        Assert.True(Assert.IsType<PickleDict>(args.State).TryGetValue("batch_size", out var batch));
        Assert.IsType<long>(batch);
    }

    internal static void AssertSame(IReadOnlyDictionary<string, StoredTensor> expected, IReadOnlyDictionary<string, StoredTensor> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal(tensor.Type, actual[name].Type);
            Assert.Equal(tensor.Shape, actual[name].Shape);
            Assert.True(tensor.ReadContiguous().AsSpan().SequenceEqual(actual[name].ReadContiguous()), $"{name} differs");
        }
    }

    static object? Get(PickleDict dict, string key) =>
        dict.TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    static string? KindOf(string path)
    {
        using var stream = File.OpenRead(path);
        Span<byte> length = stackalloc byte[8];
        stream.ReadExactly(length);
        var header = new byte[BitConverter.ToInt64(length)];
        stream.ReadExactly(header);
        using var json = JsonDocument.Parse(header);
        return json.RootElement.TryGetProperty("__metadata__", out var notes) && notes.TryGetProperty("kind", out var kind)
            ? kind.GetString() : null;
    }
}

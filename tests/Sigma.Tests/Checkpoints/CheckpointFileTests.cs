using System.IO.Compression;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Torch;
using Sigma.Torch;
using static Sigma.Tests.Checkpoints.Pickles;
using static Sigma.Tests.Checkpoints.TorchZips;

namespace Sigma.Tests.Checkpoints;

[Trait("Category", "checkpoints")]
public sealed class CheckpointFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("sigma-checkpoint-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    static byte[] One => Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]);

    static byte[] Data => Floats(1, 2, 3, 4, 5, 6);

    static byte[] Dict(params (string Name, byte[] Value)[] entries) => Join(Ascii("}("), Join([.. entries.Select(e => Join(Text(e.Name), e.Value))]), Ascii("u"));

    static CheckpointFile OpenDict(params (string Name, byte[] Value)[] entries) =>
        Open(Make(Join([0x80, 2], Dict(entries), Ascii(".")), ("0", Data)));

    [Theory]
    [InlineData("model")]
    [InlineData("module")]
    [InlineData("teacher")]
    [InlineData("state_dict")]
    public void The_root_is_found_under_its_usual_names(string root)
    {
        using var file = OpenDict(("epoch", Int(3)), (root, Dict(("w", One))), ("optimizer", Dict(("x", One))));
        Assert.Equal(root, file.Root);
        Assert.Equal(["w"], file.Tensors.Keys);
    }

    [Fact]
    public void A_dictionary_of_tensors_is_its_own_root()
    {
        using var file = OpenDict(("w", One), ("step", Int(3)));
        Assert.Equal("", file.Root);
        Assert.Equal(["w"], file.Tensors.Keys);
        Assert.Equal(["step"], file.LeftOut);
    }

    [Fact]
    public void Another_root_is_taken_when_asked_for()
    {
        var bytes = Make(Join([0x80, 2], Dict(("teacher", Dict(("t", One))), ("student", Dict(("s", One)))), Ascii(".")), ("0", Data));
        File.WriteAllBytes(Path.Combine(folder, "x.pth"), bytes);
        using var file = CheckpointFile.Open(Path.Combine(folder, "x.pth"), "student");
        Assert.Equal(["s"], file.Tensors.Keys);
        var fault = Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Open(Path.Combine(folder, "x.pth"), "ema"));
        Assert.Contains("'teacher', 'student'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrappers_are_stripped_from_every_name()
    {
        using var file = OpenDict(("module._orig_mod.a.w", One), ("module._orig_mod.b._orig_mod.w", One));
        Assert.Equal("module._orig_mod.", file.Prefix);
        Assert.Equal(["a.w", "b.w"], file.Tensors.Keys);
    }

    [Fact]
    public void Heads_beside_the_backbone_are_left_out_and_told()
    {
        using var file = OpenDict(("teacher", Dict(("module.backbone.cls_token", One), ("module.head.mlp.0.weight", One))));
        Assert.Equal("module.backbone.", file.Prefix);
        Assert.Equal(["cls_token"], file.Tensors.Keys);
        Assert.Equal(["module.head.mlp.0.weight"], file.LeftOut);
    }

    [Fact]
    public void A_file_without_tensors_tells_its_keys()
    {
        var fault = Assert.Throws<CheckpointFormatException>(() => OpenDict(("epoch", Int(3)), ("loss", Int(1))));
        Assert.Contains("its keys are 'epoch', 'loss'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pickled_module_is_refused_by_its_class()
    {
        var file = Make(Ascii("cmy.models\nNetwork\n)\u0081}\u0062."));
        Assert.Contains("my.models.Network", Assert.Throws<CheckpointFormatException>(() => Open(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DoubleStorage", ScalarType.Float64)]
    [InlineData("FloatStorage", ScalarType.Float32)]
    [InlineData("HalfStorage", ScalarType.Float16)]
    [InlineData("BFloat16Storage", ScalarType.BFloat16)]
    [InlineData("LongStorage", ScalarType.Int64)]
    [InlineData("IntStorage", ScalarType.Int32)]
    [InlineData("ShortStorage", ScalarType.Int16)]
    [InlineData("CharStorage", ScalarType.Int8)]
    [InlineData("ByteStorage", ScalarType.UInt8)]
    [InlineData("BoolStorage", ScalarType.Bool)]
    public void Every_element_type_is_read(string storage, ScalarType type)
    {
        var bytes = Enumerable.Range(0, 2 * type.Size()).Select(i => (byte)(i % 2)).ToArray();
        using var file = Open(Make(Model(("w", Tensor(storage, "0", 2, 0, [2], [1]))), ("0", bytes)));
        Assert.Equal(type, file.Tensors["w"].Type);
        Assert.Equal(bytes, file.Tensors["w"].ReadContiguous());
    }

    [Fact]
    public void Strides_offsets_and_shared_storages_are_honoured()
    {
        using var file = Open(Make(
            Model(
                ("turned", Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])), ("part", Tensor("FloatStorage", "0", 6, 2, [2], [3])),
                ("one", Tensor("FloatStorage", "0", 6, 4, [], [])), ("same", Tensor("FloatStorage", "0", 6, 5, [2, 2], [0, 0])),
                ("none", Tensor("FloatStorage", "0", 6, 0, [0, 4], [4, 1]))),
            ("0", Data)));
        Assert.Equal(Floats(1, 4, 2, 5, 3, 6), file.Tensors["turned"].ReadContiguous());
        Assert.Equal(Floats(3, 6), file.Tensors["part"].ReadContiguous());
        Assert.Equal(Floats(5), file.Tensors["one"].ReadContiguous());
        Assert.Equal(Floats(6, 6, 6, 6), file.Tensors["same"].ReadContiguous());
        Assert.Empty(file.Tensors["none"].ReadContiguous());
        Assert.Equal(Floats(2, 5, 3, 6), file.Tensors["turned"].Rows(1, 2).ReadContiguous());
    }

    [Fact]
    public void A_file_from_a_big_endian_machine_gives_the_same_numbers()
    {
        var turned = Data.Chunk(4).SelectMany(b => b.Reverse()).ToArray();
        using var file = Open(Make(Model(("w", One)), "big", CompressionLevel.NoCompression, ("0", turned)));
        Assert.Equal(Data, file.Tensors["w"].ReadContiguous());
    }

    [Fact]
    public void A_parameter_is_its_tensor()
    {
        var parameter = Join(Ascii("ctorch._utils\n_rebuild_parameter\n("), One, [0x88], Ascii("ccollections\nOrderedDict\n)RtR"));
        using var file = Open(Make(Model(("w", parameter)), ("0", Data)));
        Assert.Equal([2, 3], file.Tensors["w"].Shape);
    }

    [Fact]
    public void What_is_written_for_PyTorch_is_read_back()
    {
        var tensors = new OrderedDictionary<string, StoredTensor>
        {
            ["b"] = StoredTensor.FromBytes(ScalarType.Float32, [2, 3], Data),
            ["a"] = StoredTensor.FromBytes(ScalarType.Int64, [], Ints8(5)),
        };
        var path = Path.Combine(folder, "out.pth");
        TorchFileWriter.Write(path, tensors);
        using var file = CheckpointFile.Open(path);
        Assert.Equal(["b", "a"], file.Tensors.Keys);
        Assert.Equal("model", file.Root);
        GoldenCheckpointTests.AssertSame(tensors, file.Tensors);
    }

    [Fact]
    public void A_folder_of_a_run_is_opened_by_its_model()
    {
        var tensors = new Dictionary<string, StoredTensor> { ["w"] = StoredTensor.FromBytes(ScalarType.Float32, [6], Data) };
        SafetensorsExport.Write(Path.Combine(folder, "model.safetensors"), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        using var file = CheckpointFile.Open(folder);
        Assert.Equal("pt", file.Metadata["format"]);
        GoldenCheckpointTests.AssertSame(tensors, file.Tensors);
    }

    [Fact]
    public void A_folder_without_a_model_says_what_was_looked_for() =>
        Assert.Contains("model.safetensors", Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Open(folder)).Message, StringComparison.Ordinal);

    [Fact]
    public void Opening_a_large_file_reads_its_description_and_no_tensor()
    {
        var path = Path.Combine(folder, "large.pth");
        const long count = 90_000_000; // the size of a ViT-B
        using (var stream = File.Create(path))
        {
            stream.Write(Ascii("\u0080\u0002\u008a\u000a\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019.\u0080\u0002M\u00e9\u0003.\u0080\u0002}."));
            stream.Write(Model(("w", Tensor("FloatStorage", "k", count, 0, [count / 1000, 1000], [1000, 1]))));
            stream.Write(Join([0x80, 2], Ascii("]"), Text("k"), Ascii("a.")));
            stream.Write(BitConverter.GetBytes(count));
            stream.SetLength(stream.Position + 4 * count - 4);
            stream.Position = stream.Length;
            stream.Write(Floats(7));
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        using var file = CheckpointFile.Open(path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 2 << 20);
        Assert.Equal(Floats(7), file.Tensors["w"].Rows(count / 1000 - 1, 1).ReadContiguous()[^4..]);
    }

    [Fact]
    public void Every_difference_from_a_model_is_listed()
    {
        using var file = OpenDict(("a", One), ("b", One), ("c", One));
        var wanted = new Dictionary<string, long[]> { ["a"] = [2, 3], ["b"] = [3, 2], ["d"] = [1], ["e"] = [1] };
        var mismatch = Assert.Throws<StateMismatchException>(() => StateMismatchException.ThrowIfAny("x.pth", wanted, file.Tensors.ToDictionary(t => t.Key, t => t.Value.Shape)));
        Assert.Equal(["d", "e"], mismatch.Missing);
        Assert.Equal(["c"], mismatch.Unexpected);
        Assert.Equal("b", Assert.Single(mismatch.ShapeDifferences).Name);
        Assert.Contains("b: wanted [3, 2], found [2, 3]", mismatch.Message, StringComparison.Ordinal);
    }

    static byte[] Ints8(long value) => BitConverter.GetBytes(value);
}

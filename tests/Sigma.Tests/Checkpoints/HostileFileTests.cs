using System.IO.Compression;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Storage;
using static Sigma.Tests.Checkpoints.Pickles;
using static Sigma.Tests.Checkpoints.TorchZips;

namespace Sigma.Tests.Checkpoints;

/// <summary>Files made to exhaust or mislead the reader.</summary>
[Trait("Category", "checkpoints")]
[Collection(nameof(Training.Alone))]
public sealed class HostileFileTests
{
    public static TheoryData<string> Bombs() => ["nested lists", "nested tuples", "calls copying a list", "text encoded again and again",
        "more objects than the limit", "marks only", "shared doubling", "memo far ahead", "tensors without end"];

    static byte[] Bomb(string kind) => kind switch
    {
        "nested lists" => Join(Repeat("]", 1_000_000), Repeat("a", 999_999), Ascii(".")),
        "nested tuples" => Join(Ascii(")"), Repeat("\u0085", 2_000_000), Ascii(".")),
        "calls copying a list" => Join(Ascii("]q\u0000("), Repeat("NN\u0086", 100_000), Ascii("e0"), Repeat("ccollections\nOrderedDict\nh\u0000\u0085R0", 100_000), Ascii(".")),
        "text encoded again and again" => Join(Text(new string('x', 1_000_000)), Ascii("q\u00000"), Text("latin1"), Ascii("q\u00010"),
            Repeat("c_codecs\nencode\nh\u0000h\u0001\u0086R", 100_000), Ascii(".")),
        "more objects than the limit" => Join(Ascii("("), Repeat("}", 10_000_000), Ascii("t.")),
        "marks only" => Repeat("(", 10_000_000),
        "shared doubling" => Join(Ascii("]"), Repeat("2\u0086", 1_000_000), Ascii(".")),
        "memo far ahead" => Join(Ascii("N"), [.. Enumerable.Range(1, 1_000_000).SelectMany(i => Join([(byte)'r'], BitConverter.GetBytes(i * 200)))], Ascii(".")),
        _ => Join(Ascii("ctorch._utils\n_rebuild_tensor_v2\nq\u00000NNNNNN"), Repeat("h\u0000h\u0000\u0085R0", 2_000_000), Ascii(".")),
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bomb_ends_within_a_second_and_bounded_memory(string kind)
    {
        var file = Make(Bomb(kind));
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes();
        var used = Environment.CpuUsage.TotalTime; // of the processor, since the machine may be busy with other things
        Assert.Throws<CheckpointFormatException>(() => Open(file).Dispose());
        Assert.InRange((Environment.CpuUsage.TotalTime - used).TotalSeconds, 0, 1);
        Assert.InRange(GC.GetTotalAllocatedBytes() - allocated, 0, 1L << 29);
    }

    [Theory]
    [InlineData(3, 0, new long[] { 2, 2 }, new long[] { 2, 1 }, "runs past", "has 12 bytes")]
    [InlineData(2, 0, new long[] { 2, 2 }, new long[] { 2, 1 }, "ends at element 4", "")]
    [InlineData(2, 1, new long[] { 2 }, new long[] { 1 }, "ends at element 3", "")]
    [InlineData(2, -1, new long[] { 2 }, new long[] { 1 }, "starts at element -1", "")]
    [InlineData(2, 0, new long[] { -2 }, new long[] { 1 }, "not the shape", "")]
    [InlineData(2, 0, new long[] { 2 }, new long[] { -1 }, "negative", "")]
    [InlineData(2, 0, new long[] { 2 }, new long[] { 1, 1 }, "1 sizes but 2 strides", "")]
    [InlineData(2, 0, new long[] { 2 }, new long[] { long.MaxValue }, "ends at element", "")]
    [InlineData(2, long.MaxValue, new long[] { 1 }, new long[] { 1 }, "ends at element", "")]
    [InlineData(2, 0, new long[] { 4294967296, 4294967296, 4294967296, 4294967296 }, new long[] { 0, 0, 0, 0 }, "not the shape", "")]
    [InlineData(2, 0, new long[] { 1_000_000_000_000 }, new long[] { 0 }, "repeats", "")]
    [InlineData(-1, 0, new long[] { 2 }, new long[] { 1 }, "-1 Float32", "")]
    [InlineData(long.MaxValue, 0, new long[] { 2 }, new long[] { 1 }, "elements has 8 bytes", "")]
    public void A_tensor_outside_of_its_storage_is_refused(long count, long offset, long[] shape, long[] stride, string reason, string alternative)
    {
        var file = Make(Model(("w", Tensor("FloatStorage", "0", count, offset, shape, stride))), ("0", Floats(1, 2)));
        var fault = Assert.Throws<CheckpointFormatException>(() => Open(file));
        Assert.True(fault.Message.Contains(reason, StringComparison.Ordinal)
            || (alternative.Length > 0 && fault.Message.Contains("has 8 bytes", StringComparison.Ordinal)), fault.Message);
    }

    [Fact]
    public void A_storage_that_is_not_in_the_file_is_named()
    {
        var file = Make(Model(("w", Tensor("FloatStorage", "7", 2, 0, [2], [1]))), ("0", Floats(1, 2)));
        Assert.Contains("'7' is not in the file", Assert.Throws<CheckpointFormatException>(() => Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_entry_is_refused_without_unpacking_it()
    {
        var file = Make(new byte[10_000_000], "little", CompressionLevel.SmallestSize);
        Assert.Contains("compressed", Assert.Throws<CheckpointFormatException>(() => Open(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, "compressed")] // packed size
    [InlineData(42, "inside of the file")] // offset of the entry
    public void A_zip_entry_that_lies_about_its_size_or_place_is_refused(int field, string reason)
    {
        var file = Make(Model(("w", Tensor("FloatStorage", "0", 2, 0, [2], [1]))), ("0", Floats(1, 2)));
        var entry = file.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(file.AsSpan(entry + field), 0x7fffffff);
        Assert.Contains(reason, Assert.Throws<CheckpointFormatException>(() => Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_sizes_of_a_zip_entry_lying_together_are_refused()
    {
        var file = Make(Model(("w", Tensor("FloatStorage", "0", 2, 0, [2], [1]))), ("0", Floats(1, 2)));
        var entry = file.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(file.AsSpan(entry + 20), 400);
        BitConverter.TryWriteBytes(file.AsSpan(entry + 24), 400);
        Assert.Throws<CheckpointFormatException>(() => Open(file));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("<!DOCTYPE html><html>", "web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull")]
    [InlineData("\u0080\u0004]\u0094.", "not one written by torch.save")]
    [InlineData("RIFF and so on", "no known kind")]
    [InlineData("PK\u0003\u0004 but no more", "end is missing")]
    public void A_file_of_another_kind_is_named_for_what_it_seems_to_be(string content, string reason)
    {
        var fault = Assert.Throws<CheckpointFormatException>(() => Open(Ascii(content)));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("checkpoint_pretrain.pth")]
    [InlineData("checkpoint_finetune_legacy.pth")]
    public void A_file_cut_short_anywhere_is_refused_with_its_name(string name)
    {
        var path = Path.Combine(Fixtures.Folder, name);
        Skip.IfNot(File.Exists(path), $"no {name} in {Fixtures.Folder}");
        var whole = File.ReadAllBytes(path);
        for (var length = 0L; length < whole.Length; length += 1 + whole.Length / 300)
        {
            var cut = new MemoryBytes(name, whole.AsMemory(0, (int)length));
            Assert.Contains(name, Assert.Throws<CheckpointFormatException>(() => CheckpointFile.Open(cut)).Message, StringComparison.Ordinal);
        }
    }

    static byte[] Repeat(string text, int count)
    {
        var once = Ascii(text);
        var bytes = new byte[once.Length * count];
        for (var i = 0; i < count; i++) once.CopyTo(bytes, i * once.Length);
        return bytes;
    }
}

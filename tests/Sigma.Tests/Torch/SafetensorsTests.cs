using System.Text;
using Sigma.Torch;

namespace Sigma.Tests.Torch;

[Trait("Category", "torch")]
public sealed class SafetensorsTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void What_is_written_is_read_back_and_the_file_depends_on_its_content_alone()
    {
        using var scope = new TensorScope();
        (string, Tensor)[] tensors =
        [
            ("a", Tensor.From([1f, 2f, 3f, 4f], 2, 2)), ("b.c", Tensor.From([5L])), ("empty", F.Zeros([0, 3])),
            ("half", F.To(F.Full([3], 1.5), ScalarType.BFloat16)), ("turned", F.Transpose(Tensor.From([1f, 2f, 3f, 4f], 2, 2), 0, 1)),
        ];
        SafetensorsFile.Write(path, tensors, new Dictionary<string, string> { ["kind"] = "test" });
        var first = File.ReadAllBytes(path);
        SafetensorsFile.Write(path, tensors, new Dictionary<string, string> { ["kind"] = "test" });
        Assert.Equal(first, File.ReadAllBytes(path));

        using var file = SafetensorsFile.Open(path);
        Assert.Equal("test", file.Metadata["kind"]);
        Assert.Equal([1f, 2f, 3f, 4f], file.Read("a").ToArray<float>());
        Assert.Equal([1f, 3f, 2f, 4f], file.Read("turned").ToArray<float>());
        Assert.Equal([1.5f, 1.5f, 1.5f], file.Read("half").ToArray<float>());
        Assert.Equal([0, 3], file.Read("empty").Shape);
        Assert.Contains("'nothing'", Assert.Throws<KeyNotFoundException>(() => file.Read("nothing")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 8)]
    [InlineData("{\"a\":{\"dtype\":\"Q7\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8)]
    [InlineData("{\"a\":{\"shape\":[2]}}", 8)]
    [InlineData("{\"a\":[]}", 8)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 12)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8)]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8)]
    [InlineData("[1]", 8)]
    [InlineData("{\"a\"", 8)]
    public void A_header_that_does_not_fit_the_file_is_refused_with_its_name(string header, int dataBytes)
    {
        var text = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[dataBytes]]);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        using var scope = new TensorScope();
        SafetensorsFile.Write(path, [("a", F.Ones([4]))]);
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));
        }
    }

    [Fact]
    public void A_file_that_is_cut_short_while_it_is_open_is_an_error_with_its_name()
    {
        using var scope = new TensorScope();
        SafetensorsFile.Write(path, [("a", F.Ones([100_000])), ("b", F.Ones([100_000]))]);
        using var file = SafetensorsFile.Open(path);
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            other.SetLength(500_000);
        Assert.All(file.Read("a").ToArray<float>(), value => Assert.Equal(1, value));
        foreach (var read in new Action[] { () => file.Read("b"), () => file.Bytes("b"), () => file.Read("b", 399_996, new byte[4]) })
            Assert.Contains($"{path} ends before byte ", Assert.Throws<EndOfStreamException>(read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_larger_than_a_block_is_written_and_read_block_by_block_to_the_same_bytes()
    {
        using var scope = new TensorScope();
        (string, Tensor)[] tensors = [("a", F.Arange(1000)), ("b", F.Transpose(F.Reshape(F.Arange(12), 3, 4), 0, 1)), ("none", F.Zeros([0]))];
        SafetensorsFile.Write(path, tensors);
        var whole = File.ReadAllBytes(path);
        foreach (var block in new[] { 1, 7, 8000, 8001 })
        {
            SafetensorsFile.Write(path, tensors, block);
            Assert.Equal(whole, File.ReadAllBytes(path));
            using var file = SafetensorsFile.Open(path);
            foreach (var (name, value) in tensors)
                Assert.Equal(value.ToArray<long>(), file.Read(name, block).ToArray<long>());
        }
    }

    [Fact]
    public void Beyond_two_gibibytes_every_stretch_is_at_hand_and_only_what_needs_an_array_is_refused()
    {
        const long length = 3_000_000_000;
        var header = Encoding.UTF8.GetBytes($"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{length}],\"data_offsets\":[0,{length}]}}}}");
        using (var sparse = File.Create(path))
        {
            sparse.Write([.. BitConverter.GetBytes((long)header.Length), .. header]);
            sparse.SetLength(8 + header.Length + length);
            sparse.Position = 8 + header.Length + length - 3;
            sparse.Write([1, 2, 3]);
        }
        using var file = SafetensorsFile.Open(path);
        var end = new byte[4];
        file.Read("a", length - 4, end);
        Assert.Equal([0, 1, 2, 3], end);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("a", length - 3, end));
        Assert.Contains("more than are read at once", Assert.Throws<InvalidDataException>(() => file.Bytes("a")).Message, StringComparison.Ordinal);
    }
}

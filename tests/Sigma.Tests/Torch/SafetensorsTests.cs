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
}

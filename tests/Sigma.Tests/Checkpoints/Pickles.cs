using System.Text;
using Sigma.Checkpoints.Pickle;
using Sigma.Checkpoints.Storage;

namespace Sigma.Tests.Checkpoints;

/// <summary>Pickles written by hand, instruction by instruction.</summary>
internal static class Pickles
{
    internal static object? Read(params byte[][] parts)
    {
        var bytes = Join(parts);
        return PickleReader.Read(new PickleInput(new MemoryBytes("test.pkl", bytes), 0, bytes.Length));
    }

    internal static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    internal static byte[] Ascii(string text) => Encoding.Latin1.GetBytes(text);

    internal static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Join([(byte)'X'], BitConverter.GetBytes(bytes.Length), bytes);
    }

    internal static byte[] Int(long value) => Join([0x8a, 8], BitConverter.GetBytes(value));

    internal static byte[] Ints(params long[] values) => Join([(byte)'('], Join([.. values.Select(Int)]), [(byte)'t']);

    /// <summary>A tensor over storage KEY of COUNT elements, as protocol 2 writes it.</summary>
    internal static byte[] Tensor(string storage, string key, long count, long offset, long[] shape, long[] stride) => Join(
        Ascii("ctorch._utils\n_rebuild_tensor_v2\n(("), Text("storage"), Ascii($"ctorch\n{storage}\n"), Text(key), Text("cpu"), Int(count),
        Ascii("tQ"), Int(offset), Ints(shape), Ints(stride), [0x89], Ascii("ccollections\nOrderedDict\n)RtR"));

    /// <summary>{"model": {NAME: TENSOR, …}}</summary>
    internal static byte[] Model(params (string Name, byte[] Tensor)[] tensors) => Join(
        [0x80, 2], Ascii("}"), Text("model"), Ascii("}("), Join([.. tensors.Select(t => Join(Text(t.Name), t.Tensor))]), Ascii("us."));
}

using System.Buffers.Binary;

namespace Sigma.Tests.Checkpoints;

/// <summary>Random damage to a file, aimed at its structure more than at its elements.</summary>
internal static class Mutation
{
    static readonly ulong[] Lengths = [0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xffffffff, 0x7fffffffffffffff, 0xffffffffffffffff, 1UL << 40];

    public static byte[] Of(byte[] original, byte[] other, Random random)
    {
        var bytes = (byte[])original.Clone();
        for (var n = random.Next(1, 5); n > 0 && bytes.Length > 0; n--) bytes = Once(bytes, other, random);
        return bytes;
    }

    static byte[] Once(byte[] bytes, byte[] other, Random random)
    {
        var at = Place(bytes, random);
        switch (random.Next(12))
        {
            case 0: // truncation
                return bytes[..random.Next(bytes.Length)];
            case 1: // splice of another file
                var from = Place(other, random);
                var length = Math.Min(random.Next(1, 200), Math.Min(other.Length - from, bytes.Length - at));
                other.AsSpan(from, length).CopyTo(bytes.AsSpan(at));
                return bytes;
            case 2: // a piece removed
                var removed = Math.Min(random.Next(1, 40), bytes.Length - at);
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + removed)];
            case 3: // a piece repeated
                var repeated = Math.Min(random.Next(1, 40), bytes.Length - at);
                return [.. bytes.AsSpan(0, at + repeated), .. bytes.AsSpan(at)];
            case 4 or 5 or 6: // an attack on a length
                var value = Lengths[random.Next(Lengths.Length)];
                Span<byte> field = stackalloc byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(field, value);
                field[..Math.Min(1 << random.Next(4), bytes.Length - at)].CopyTo(bytes.AsSpan(at));
                return bytes;
            case 7: // another instruction
                bytes[at] = "(.012FGIJKMLNPQRSTUVXabcd}eghijl]opqrst)uBC"u8[random.Next(43)];
                return bytes;
            case 8: // a digit
                bytes[at] = (byte)('0' + random.Next(10));
                return bytes;
            default: // a bit
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }

    /// <summary>Half of the time near the start, where headers and pickles are, a quarter near the end, where zip directories are.</summary>
    static int Place(byte[] bytes, Random random) => random.Next(4) switch
    {
        0 or 1 => random.Next(Math.Min(bytes.Length, 8192)),
        2 => bytes.Length - 1 - random.Next(Math.Min(bytes.Length, 4096)),
        _ => random.Next(bytes.Length),
    };
}

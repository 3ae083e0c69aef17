using System.Security.Cryptography;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>By which equal tensors are known without sending them.</summary>
internal static class TensorHash
{
    private const long Stretch = 1 << 24;

    /// <summary>SHA-256 over the bytes of all tensors, one after the other, in hexadecimal.</summary>
    public static string Of(IEnumerable<Tensor> tensors)
    {
        using var noGrad = new NoGrad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors)
        {
            using var scope = new TensorScope();
            var flat = F.Reshape(F.Contiguous(F.To(F.Detach(tensor), Device.Cpu)), -1);
            for (var at = 0L; at < flat.Elements; at += Stretch)
                hash.AppendData(F.Narrow(flat, 0, at, Math.Min(Stretch, flat.Elements - at)).Bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

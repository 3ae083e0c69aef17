using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sigma.Torch;

/// <summary>
/// Activation checkpointing (Chen et al. 2016): a part of a network keeps its input alone, and computes the rest again
/// when its gradient is asked for.
/// </summary>
public static unsafe class Recomputed
{
    /// <summary>
    /// <paramref name="part"/> of a tensor. Nothing that the part makes on the way is kept for backward; the gradients,
    /// of its parameters too, are those of the plain call, bit for bit.
    /// </summary>
    /// <param name="part">Called now, and once more in backward under the same autocast. It must give the same both times.</param>
    /// <param name="input">What it reads beside its parameters.</param>
    public static Tensor Call(Func<Tensor, Tensor> part, Tensor input)
    {
        if (!input.RequiresGrad)
            return part(input);
        using var scope = new TensorScope();
        Tensor output;
        using (new NoGrad())
            output = part(input);
        var device = input.Device;
        var again = GCHandle.Alloc(new Part(part, device, (ScalarType)Native.st_autocast_type((int)device.Type)));
        Native.Check(Native.st_recomputed(input.Handle, output.Handle, &Backward, &Release, GCHandle.ToIntPtr(again), out var result), "recomputed");
        return scope.Keep(new Tensor(result));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Backward(IntPtr context, IntPtr input, IntPtr gradient, byte* message, int capacity)
    {
        try
        {
            using var scope = new TensorScope();
            var (leaf, given) = (new Tensor(input), new Tensor(gradient));
            var part = (Part)GCHandle.FromIntPtr(context).Target!;
            Tensor output;
            using (new Autocast(part.Device, part.Autocast))
                output = part.Forward(leaf);
            output.Backward(given);
            return 0;
        }
        catch (Exception failure)
        {
            // Nothing managed crosses the border: libtorch carries the words on to whoever asked for the gradient.
            Encoding.UTF8.GetEncoder().Convert(failure.Message, new Span<byte>(message, capacity - 1), flush: true, out _, out var written, out _);
            message[written] = 0;
            return 1;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(IntPtr context) => GCHandle.FromIntPtr(context).Free();

    private sealed record Part(Func<Tensor, Tensor> Forward, Device Device, ScalarType Autocast);
}

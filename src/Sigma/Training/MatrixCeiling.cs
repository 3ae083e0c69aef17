using System.Diagnostics;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>The most that matrix products reach on a device here and now: what utilisation is a share of.</summary>
public static class MatrixCeiling
{
    /// <summary>
    /// Operations a second of the best of several square products.
    /// </summary>
    /// <param name="device">Where.</param>
    /// <param name="type">float32, or the type of autocast.</param>
    /// <param name="seconds">How long to try.</param>
    public static double Measure(Device device, ScalarType type, double seconds = 0.5)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        long size = device.IsCuda ? 8192 : 1024;
        var x = F.To(F.Full([size, size], 0.5), type, device);
        F.MatMul(x, x).Dispose();
        var (best, total) = (0.0, Stopwatch.StartNew());
        while (total.Elapsed.TotalSeconds < seconds)
        {
            var watch = Stopwatch.StartNew();
            using (var product = F.MatMul(x, x))
            {
                // Reading one element makes the host wait for the device.
                if (device.IsCuda)
                    _ = F.Reshape(F.Narrow(F.Narrow(product, 0, 0, 1), 1, 0, 1), -1).Item();
            }
            best = Math.Max(best, 2.0 * size * size * size / watch.Elapsed.TotalSeconds);
        }
        return best;
    }
}

using System.Diagnostics;
using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>What calling an operator from C# costs beside its arithmetic.</summary>
public static class CallBenchmark
{
    private const int Calls = 200;
    private const int Rounds = 501;

    /// <summary>
    /// Seconds for one call of <c>aten::add</c> on two tensors of one element, without gradients: making and freeing the
    /// result included. The median of many short rounds, few of which another program interrupts.
    /// </summary>
    public static double Measure()
    {
        using var noGrad = new NoGrad();
        using var x = F.Ones([1]);
        void Round()
        {
            for (var i = 0; i < Calls; i++)
                (x + x).Dispose();
        }
        Round();
        return PairedTiming.Median(Enumerable.Range(0, Rounds).Select(_ =>
        {
            var watch = Stopwatch.StartNew();
            Round();
            return watch.Elapsed.TotalSeconds / Calls;
        }));
    }
}

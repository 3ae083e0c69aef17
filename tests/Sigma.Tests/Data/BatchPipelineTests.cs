using System.Diagnostics;
using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public class BatchPipelineTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(8, 5)]
    public void Batches_come_in_order_and_whole_whatever_the_threads_do(int workers, int depth)
    {
        using var pipeline = new BatchPipeline<int[]>(
            workers, depth,
            number => number < 50 ? (new int[1 + number % 4], (int)(1 + number % 4)) : null,
            (batch, slot, _) =>
            {
                Thread.Sleep(slot % 2); // the first slot is often not the first to be ready
                batch[slot] = slot + 1;
            },
            _ => { });
        for (var number = 0; number < 50; number++)
            Assert.Equal(Enumerable.Range(1, 1 + number % 4), pipeline.Next(default));
        Assert.Null(pipeline.Next(default));
        Assert.Null(pipeline.Next(default));
    }

    [Fact]
    public void No_more_batches_are_begun_ahead_than_allowed()
    {
        var (begun, handedOut, most) = (0, 0, 0);
        using var pipeline = new BatchPipeline<object>(
            4, 3,
            _ =>
            {
                most = Math.Max(most, ++begun - Volatile.Read(ref handedOut));
                return (new(), 2);
            },
            (_, _, _) => { },
            _ => { });
        for (var i = 0; i < 100; i++)
        {
            pipeline.Next(default);
            Interlocked.Increment(ref handedOut);
        }
        Assert.InRange(most, 2, 4); // one more where a batch was taken but not yet counted here
    }

    [Fact]
    public void All_threads_help_with_one_batch()
    {
        using var together = new Barrier(4);
        using var pipeline = new BatchPipeline<object>(
            4, 1, _ => (new(), 4), (_, _, stop) => Assert.True(together.SignalAndWait(Soon, stop)), _ => { });
        Assert.NotNull(pipeline.Next(default));
    }

    [Fact]
    public void What_goes_wrong_in_a_thread_is_thrown_by_the_next_call()
    {
        using var pipeline = new BatchPipeline<object>(
            2, 2, _ => (new(), 1), (_, _, _) => throw new InvalidDataException("torn"), _ => { });
        Assert.Equal("torn", Assert.Throws<InvalidDataException>(() => pipeline.Next(default)).Message);
    }

    [Fact]
    public void Waiting_ends_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        using var pipeline = new BatchPipeline<object>(1, 1, _ => (new(), 1), (_, _, token) => token.WaitHandle.WaitOne(Soon), _ => { });
        var clock = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => pipeline.Next(stop.Token));
        Assert.True(clock.Elapsed < Soon);
        Assert.True(pipeline.Waited > TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void Disposing_stops_the_threads_and_frees_what_was_not_handed_out()
    {
        var (begun, freed) = (0, 0);
        var pipeline = new BatchPipeline<object>(
            3, 3,
            _ =>
            {
                begun++;
                return (new(), 2);
            },
            (_, _, token) => token.WaitHandle.WaitOne(Soon),
            _ => freed++);
        SpinWait.SpinUntil(() => Volatile.Read(ref begun) > 0, Soon);
        var clock = Stopwatch.StartNew();
        pipeline.Dispose();
        pipeline.Dispose();
        Assert.True(clock.Elapsed < Soon / 2);
        Assert.Equal(begun, freed);
        Assert.Throws<ObjectDisposedException>(() => pipeline.Next(default));
    }
}

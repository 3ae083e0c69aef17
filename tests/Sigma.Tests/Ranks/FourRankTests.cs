using Sigma.Tests.Cli;

namespace Sigma.Tests.Ranks;

/// <summary>Four ranks as four processes, which the launcher starts.</summary>
[Trait("Category", "ranks")]
public sealed class FourRankTests
{
    [Fact]
    public void Four_ranks_train_as_one_with_the_same_global_batch()
    {
        using var files = new TinyRun();
        string[] batch = ["--set", "optimizer.batch=8", "--max-steps", "8"];
        Assert.Equal(0, Program.Run(TwoRankTests.Pretrain(files, "one", batch)).Code);
        var four = FineTuneRankTests.Launch(4, TwoRankTests.Pretrain(files, "four", batch));
        Assert.True(four.Code == 0, four.Errors);
        TwoRankTests.AssertSameLosses(files.In("one/metrics.jsonl"), files.In("four/metrics.jsonl"), 8);
        TwoRankTests.AssertSameWeights(files.In("one/checkpoints/step-000008"), files.In("four/checkpoints/step-000008"));
    }

    [Fact]
    public void Four_ranks_fine_tune_as_one_with_the_same_global_batch()
    {
        using var files = new TinyFineTune(videosOfAClass: 6); // 18 videos, 2 steps an epoch
        string[] batch = ["--set", "optimizer.batch=8"];
        Assert.Equal(0, Program.Run(FineTuneRankTests.Finetune(files, "one", batch)).Code);
        var four = FineTuneRankTests.Launch(4, FineTuneRankTests.Finetune(files, "four", batch));
        Assert.True(four.Code == 0, four.Errors);
        FineTuneRankTests.AssertSame(files, "one", "four", "checkpoints/step-000008", 8);
    }
}

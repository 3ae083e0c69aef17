using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class StratifiedSplitTests
{
    [Fact]
    public void Every_entry_is_on_one_side_and_every_class_of_two_on_both() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 5).NonEmptyListOf().ToArbitrary(), Gen.Choose(1, 99).ToArbitrary(), (labels, percent) =>
        {
            var (kept, aside) = StratifiedSplit.Of([.. labels], percent / 100.0, seed: 1);
            var sizes = labels.CountBy(l => l).ToDictionary();
            return kept.Concat(aside).Order().SequenceEqual(Enumerable.Range(0, labels.Count))
                && aside.CountBy(i => labels[i]).All(n => n.Value < sizes[n.Key] && Math.Abs(n.Value - percent / 100.0 * sizes[n.Key]) <= 1)
                && sizes.Where(s => s.Value > 1).All(s => aside.Any(i => labels[i] == s.Key));
        }));

    [Fact]
    public void The_same_seed_draws_the_same_and_another_one_another()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 3)];
        Assert.Equal(StratifiedSplit.Of(labels, 0.3, 1).SetAside, StratifiedSplit.Of(labels, 0.3, 1).SetAside);
        Assert.NotEqual(StratifiedSplit.Of(labels, 0.3, 1).SetAside, StratifiedSplit.Of(labels, 0.3, 2).SetAside);
    }
}

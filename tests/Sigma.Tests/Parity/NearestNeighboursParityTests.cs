using Sigma.Evaluation;
using Sigma.Torch;

namespace Sigma.Tests.Parity;

[Trait("Category", "parity")]
public sealed class NearestNeighboursParityTests
{
    public static TheoryData<string> Files => GoldenFile.OfKind("knn");

    [Theory]
    [MemberData(nameof(Files))]
    public void Votes_and_predictions_are_the_golden_ones(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        var votes = NearestNeighbours.Votes(
            file["in.bank"], file["in.bank_labels"], file["in.queries"], file.Int("classes"), file.Int("k"), file.Double("temperature"));
        // exp(cosine / T) magnifies the rounding of a cosine by 1/T.
        file.Matches("out.scores", votes, GoldenFile.ValueTolerance / file.Double("temperature"));
        Assert.Equal(file["out.prediction"].ToArray<long>(), F.ArgMax(votes, 1).ToArray<long>());
    }
}

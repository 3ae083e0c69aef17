using System.CommandLine;
using System.Globalization;
using Sigma.Evaluation;
using Sigma.Evaluation.Frozen;

namespace Sigma.Cli;

/// <summary><c>sigma evaluate linear|attentive|knn CHECKPOINT --data PATH --val PATH</c>: what frozen features are worth.</summary>
internal static class FrozenCommands
{
    // Published for the attentive probe; the batch is ours.
    private const double AttentiveRate = 1e-3;
    private const double AttentiveDecay = 0.01;

    public static Command Linear()
    {
        var rates = new Option<string>("--rates") { HelpName = "A,B,…", DefaultValueFactory = _ => "1e-3", Description = "rates to try, for a batch of 256" };
        var decays = new Option<string>("--decays") { HelpName = "A,B,…", DefaultValueFactory = _ => "0.05", Description = "weight decays to try" };
        var (epochs, batch) = (Epochs(30), Batch(256));
        return new FrozenOptions().Command(
            "linear", "Trains a norm and a linear layer on the mean of a clip's tokens, the encoder frozen.", FeatureKind.Mean, [rates, decays, epochs, batch],
            (arguments, _) =>
            {
                var sweep = new LinearSweep(
                    CommonOptions.AtLeast(1, epochs, arguments), CommonOptions.AtLeast(1, batch, arguments),
                    Numbers("--rates", arguments.GetValue(rates)!, least: double.Epsilon), Numbers("--decays", arguments.GetValue(decays)!, least: 0));
                return (evaluation, stop) => evaluation.Linear(sweep, stop);
            });
    }

    public static Command Attentive()
    {
        var (epochs, batch) = (Epochs(20), Batch(64));
        return new FrozenOptions().Command(
            "attentive", "Trains a learned query, a block of cross-attention and a linear layer on all tokens of a clip, the encoder frozen.", FeatureKind.Tokens, [epochs, batch],
            (arguments, seed) =>
            {
                var settings = new ProbeSettings(CommonOptions.AtLeast(1, epochs, arguments), CommonOptions.AtLeast(1, batch, arguments), AttentiveRate, AttentiveDecay, seed);
                return (evaluation, stop) => evaluation.Attentive(settings, stop);
            });
    }

    public static Command Knn()
    {
        var k = new Option<int>("--k") { HelpName = "K", DefaultValueFactory = _ => NearestNeighbours.DefaultK, Description = "neighbours that vote; capped by the number of training videos" };
        return new FrozenOptions().Command(
            "knn", "Classifies by the nearest training videos, weighted by exp(cosine / 0.07).", FeatureKind.Mean, [k],
            (arguments, _) =>
            {
                var neighbours = CommonOptions.AtLeast(1, k, arguments);
                return (evaluation, stop) => evaluation.Knn(neighbours, stop);
            });
    }

    private static Option<int> Epochs(int usual) => new("--epochs") { HelpName = "N", DefaultValueFactory = _ => usual, Description = "passes over the training clips" };

    private static Option<int> Batch(int usual) => new("--batch") { HelpName = "N", DefaultValueFactory = _ => usual, Description = "clips of an update" };

    private static double[] Numbers(string option, string text, double least)
    {
        var numbers = new List<double>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number) || number < least)
                throw new BadInputException($"{option} has {part}, but takes numbers {(least > 0 ? "above 0" : "from 0")} with commas between, as 1e-3,3e-3");
            numbers.Add(number);
        }
        return [.. numbers];
    }
}

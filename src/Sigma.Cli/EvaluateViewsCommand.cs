using System.CommandLine;
using System.Globalization;
using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Recipes;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary><c>sigma evaluate views CHECKPOINT --data PATH --segments S --crops C</c>: the multi-view test of a fine-tuned model.</summary>
internal static class EvaluateViewsCommand
{
    /// <summary>Classes up to which the confusion matrix is shown; a larger one is for <c>--json</c>.</summary>
    private const int ShownClasses = 20;

    public static Command Create()
    {
        var checkpoint = new Argument<string>("checkpoint") { Description = "a fine-tuning run's folder (its best weights), one of its checkpoints, or a published classifier" };
        var data = CommonOptions.Data();
        data.Description = "labelled videos: a folder with a sub-folder for each class, a list of path and label, or a CSV with a header";
        var segments = new Option<int?>("--segments") { HelpName = "S", Description = "clips along the time of a video (else the recipe's)" };
        var crops = new Option<int?>("--crops") { HelpName = "C", Description = "squares along the longer side of the picture (else the recipe's)" };
        var recipe = new Option<string?>("--recipe") { Description = "the fine-tuning recipe of weights that have none beside them" };
        var seed = new Option<long>("--seed") { HelpName = "N", Description = "of the intervals" };
        var json = CommonOptions.Json();
        var csv = CommonOptions.File("--csv", "writes what every video was taken for to this file");
        var device = CommonOptions.DeviceName();
        var command = new Command("views", "Tests a fine-tuned model on several views of each video, soft-max averaged.")
        {
            checkpoint, data, segments, crops, recipe, seed, json, csv, device,
        };
        command.SetAction(arguments => CommonOptions.OnRanks(arguments.GetValue(device)!, (ranks, place) =>
        {
            var (wantedSegments, wantedCrops) = (CommonOptions.AtLeast(1, segments, arguments), CommonOptions.AtLeast(1, crops, arguments));
            var path = arguments.GetValue(checkpoint)!;
            var given = arguments.GetValue(recipe) is { } name ? FineTuneRecipe.Load(ShippedRecipes.Find(name)) : null;
            using var model = FineTunedModel.Open(path, given);
            var views = new TestViews(model.Recipe.Clip, wantedSegments ?? model.Recipe.Views.Segments, wantedCrops ?? model.Recipe.Views.Crops);
            var dataset = arguments.GetValue(data)!;
            var manifest = Manifest.Load(dataset, labels: true, model.Classes);
            if (manifest.Classes.Count != model.Model.Classes)
                throw new BadInputException(FormattableString.Invariant($"{dataset} has {manifest.Classes.Count} classes, but {path} tells {model.Model.Classes} apart: label the videos with the classes it was trained on"));
            using var signals = new StopSignals();
            using var scope = new Torch.TensorScope();
            var scores = MultiViewTest.Run(model.Model, manifest, views, place, model.Recipe, signals.Token, ranks);
            if (ranks.IsFirst)
                Tell(scores.Result(dataset, model.File, arguments.GetValue(seed)), scores, arguments.GetValue(json), arguments.GetValue(csv));
            ranks.Barrier();
            return 0;
        }));
        return command;
    }

    private static void Tell(EvaluationResult result, ViewScores scores, string? json, string? csv)
    {
        Show(result, scores);
        if (json is not null)
            result.Write(json);
        if (csv is not null)
            WriteCsv(csv, scores);
    }

    private static void Show(EvaluationResult result, ViewScores scores)
    {
        foreach (var video in scores.Unreadable.List)
            Console.Error.WriteLine($"left out, cannot be read: {video.Path}: {video.Reason}");
        ResultTable.Show(result);
        if (result.Confusion is not { Length: <= ShownClasses } confusion)
            return;
        var classes = scores.Manifest.Classes;
        var width = classes.Max(c => c.Length);
        Console.WriteLine("\nconfusion: rows are classes, columns what their videos were taken for");
        for (var i = 0; i < confusion.Length; i++)
            Console.WriteLine($"{classes[i].PadRight(width)}  {string.Join(' ', confusion[i].Select(n => n.ToString(CultureInfo.InvariantCulture).PadLeft(4)))}");
    }

    private static void WriteCsv(string path, ViewScores scores)
    {
        var (classes, labels, predicted) = (scores.Manifest.Classes, scores.Labels.ToArray<long>(), scores.Predicted());
        var rows = scores.Probabilities.ToArray<float>().Chunk(classes.Count).ToArray();
        var lines = rows.Select((row, i) =>
        {
            var (own, best) = ((int)labels[i], predicted[i]);
            return string.Create(CultureInfo.InvariantCulture,
                $"{ListFields.ForTable(scores.Manifest.Name(scores.Samples[i]))},{ListFields.ForTable(classes[own])},{ListFields.ForTable(classes[best])},{(own == best ? 1 : 0)},{row[best]:0.######},{row[own]:0.######}");
        });
        WholeFile.WriteLines(path, lines.Prepend("video,class,predicted,correct,probability,probabilityOfClass"));
    }
}

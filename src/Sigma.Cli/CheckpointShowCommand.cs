using System.CommandLine;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Names;

namespace Sigma.Cli;

/// <summary><c>sigma checkpoint show FILE</c>: what a checkpoint holds; runs nothing that it asks for.</summary>
internal static class CheckpointShowCommand
{
    public static Command Create()
    {
        var path = CheckpointCommand.File();
        var root = Root();
        var json = CommonOptions.Json();
        var command = new Command("show", "Shows what a checkpoint holds.") { path, root, json };
        command.SetAction(arguments =>
        {
            using var file = CheckpointCommand.Open(arguments.GetValue(path)!, arguments.GetValue(root));
            var facts = Facts.Of(file);
            Show(facts);
            if (arguments.GetValue(json) is { } target)
                JsonFile.Write(target, facts);
            return 0;
        });
        return command;
    }

    /// <summary>The option that says where in a file the tensors are.</summary>
    public static Option<string?> Root() => new("--root")
    {
        HelpName = "KEY",
        Description = "the key under which the tensors are (else model, module, teacher, state_dict, or the file itself)",
    };

    private static void Show(Facts facts)
    {
        Console.WriteLine($"file       {facts.File}");
        Console.WriteLine($"format     {facts.Format}");
        Console.WriteLine($"root       {(facts.Root.Length == 0 ? "the file itself" : facts.Root)}{(facts.Prefix.Length == 0 ? "" : $", names without {facts.Prefix}")}");
        Console.WriteLine($"names      {facts.Names}");
        if (facts.Sizes is { } sizes)
            Console.WriteLine($"sizes      {string.Join(", ", Sizes(sizes))}");
        Console.WriteLine(FormattableString.Invariant($"tensors    {facts.Tensors.Count}, {facts.Numbers} numbers, {facts.Bytes} bytes"));
        var longest = facts.Tensors.Max(t => t.Name.Length);
        foreach (var tensor in facts.Tensors)
            Console.WriteLine($"  {tensor.Name.PadRight(longest)}  {tensor.Type} [{string.Join(", ", tensor.Shape)}]");
        if (facts.Other.Count > 0)
            Console.WriteLine("other content");
        foreach (var (name, what) in facts.Other)
            Console.WriteLine($"  {name}: {what}");
    }

    private static IEnumerable<string> Sizes(NetworkSizes sizes)
    {
        yield return FormattableString.Invariant($"encoder {sizes.Width} × {sizes.Depth}");
        yield return sizes.TubeFrames is { } frames
            ? FormattableString.Invariant($"tubes {frames}×{sizes.TubeSize}×{sizes.TubeSize}")
            : FormattableString.Invariant($"patches {sizes.TubeSize}×{sizes.TubeSize}");
        if (sizes.DecoderWidth is { } width)
            yield return FormattableString.Invariant($"decoder {width} × {sizes.DecoderDepth}");
        if (sizes.Outputs is { } outputs)
            yield return FormattableString.Invariant($"{outputs} outputs");
        if (sizes.Prototypes is { } prototypes)
            yield return FormattableString.Invariant($"{prototypes} prototypes");
    }

    private static string Scheme(NamingScheme scheme) => scheme switch
    {
        NamingScheme.Pretraining => "SIGMA or VideoMAE, pre-training, as published",
        NamingScheme.FineTuning => "SIGMA or VideoMAE, classifier, as published",
        NamingScheme.HuggingFace => "VideoMAE in transformers (Hugging Face)",
        NamingScheme.DinoV1 => "DINO",
        NamingScheme.DinoV2 => "DINOv2",
        _ => "of no known network",
    };

    /// <param name="File">The file.</param>
    /// <param name="Format">How it is laid out.</param>
    /// <param name="Root">The key under which the tensors were found; empty for the file itself.</param>
    /// <param name="Prefix">What was taken off the front of every name.</param>
    /// <param name="Names">Whose names these are, in words.</param>
    /// <param name="Scheme">The same as one word.</param>
    /// <param name="Sizes">What the shapes tell.</param>
    /// <param name="Numbers">Numbers in all tensors.</param>
    /// <param name="Bytes">Bytes of all tensors.</param>
    /// <param name="Tensors">Each tensor, in the order of the file.</param>
    /// <param name="Other">What the file holds beside.</param>
    private sealed record Facts(
        string File, string Format, string Root, string Prefix, string Names, string Scheme, NetworkSizes? Sizes,
        long Numbers, long Bytes, IReadOnlyList<TensorFacts> Tensors, IReadOnlyList<LeftBehind> Other)
    {
        public static Facts Of(CheckpointFile file)
        {
            var scheme = NamingSchemes.Of(file.Tensors);
            var sizes = scheme == NamingScheme.Unknown ? null : NetworkSizes.Of(PublishedState.Of(file).Tensors);
            return new(
                file.Path, file.Format, PublishedState.Plain(file.Root), PublishedState.Plain(file.Prefix),
                CheckpointShowCommand.Scheme(scheme), scheme.ToString(), sizes,
                file.Tensors.Values.Sum(t => t.ElementCount), file.Tensors.Values.Sum(t => t.ByteLength),
                [.. file.Tensors.Select(t => new TensorFacts(PublishedState.Plain(t.Key), t.Value.Type.ToString(), t.Value.Shape))],
                PublishedState.Beside(file));
        }
    }

    private sealed record TensorFacts(string Name, string Type, long[] Shape);
}

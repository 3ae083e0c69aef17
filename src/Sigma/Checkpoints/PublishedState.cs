using Sigma.Checkpoints.Names;
using Sigma.Checkpoints.Pickle;
using Sigma.Torch;

namespace Sigma.Checkpoints;

/// <summary>The tensors of any known checkpoint under the published names, and what of the file is not among them.</summary>
public sealed class PublishedState
{
    private const int LongestText = 80;

    private PublishedState(NamingScheme source, IReadOnlyDictionary<string, StoredTensor> tensors, IReadOnlyList<LeftBehind> leftBehind)
    {
        Source = source;
        Tensors = tensors;
        LeftBehind = leftBehind;
    }

    /// <summary>Whose names the file has.</summary>
    public NamingScheme Source { get; }

    /// <summary>Whose names <see cref="Tensors"/> have: those of the file, or, where it had transformers', the published ones.</summary>
    public NamingScheme Names => NamingSchemes.Of(Tensors);

    /// <summary>The tensors in the order of the file; nothing has been read.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>What the file holds beside them: an optimiser, an epoch, arguments, a projection head.</summary>
    public IReadOnlyList<LeftBehind> LeftBehind { get; }

    /// <summary>Translates a checkpoint.</summary>
    /// <exception cref="BadInputException">The names are of no known scheme, so that nobody can say what is what.</exception>
    /// <exception cref="StateMismatchException">It has transformers' names, but not the tensors that belong to them.</exception>
    public static PublishedState Of(CheckpointFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var source = NamingSchemes.Of(file.Tensors);
        if (source == NamingScheme.Unknown)
            throw new BadInputException($"{file.Path}: the tensors ({string.Join(", ", file.Tensors.Keys.Take(3).Select(Plain))}, …) have names of no known network; known are SIGMA, VideoMAE (also of transformers), DINO and DINOv2");
        var tensors = source == NamingScheme.HuggingFace ? HuggingFaceNames.Import(file.Tensors, file.Path) : file.Tensors;
        return new PublishedState(source, tensors, Beside(file));
    }

    /// <summary>What a file holds beside the tensors under its root, in short.</summary>
    public static IReadOnlyList<LeftBehind> Beside(CheckpointFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var beside = file.LeftOut.Select(name => new LeftBehind(Plain(name), $"under {(file.Root.Length == 0 ? "the root" : file.Root)}, not part of the network")).ToList();
        if (file.Root.Length > 0 && file.Content is PickleDict top)
            foreach (var (key, value) in top)
                if (key is not string name || name != file.Root)
                    beside.Add(new LeftBehind(Text(key), Text(value)));
        if (file.Content is PickleDict { Attributes: not null })
            beside.Add(new LeftBehind("_metadata", "versions of the layers"));
        foreach (var (key, value) in file.Metadata)
            if (key != "format")
                beside.Add(new LeftBehind(Plain(key), $"a note: {Plain(value)}"));
        return beside;
    }

    /// <summary>A text of a file nobody vouches for, safe to print: on one line, without control characters, and not long.</summary>
    public static string Plain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shown = text.Length <= LongestText ? text : text[..LongestText] + "…";
        return string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c));
    }

    private static string Text(object? value) => value switch
    {
        null => "none",
        string text => Plain(text),
        bool flag => flag ? "true" : "false",
        long or double => FormattableString.Invariant($"{value}"),
        StoredTensor tensor => $"a tensor [{string.Join(", ", tensor.Shape)}]",
        PickleDict dict => FormattableString.Invariant($"a dictionary of {dict.Count}"),
        List<object?> list => FormattableString.Invariant($"a list of {list.Count}"),
        object?[] tuple => FormattableString.Invariant($"a tuple of {tuple.Length}"),
        InertObject inert => Plain($"an object {inert}"),
        InertName name => Plain($"a name {name}"),
        _ => "something else",
    };
}

/// <summary>Something in a checkpoint that is not carried over.</summary>
/// <param name="Name">Its key.</param>
/// <param name="What">What it is, in short.</param>
public sealed record LeftBehind(string Name, string What);

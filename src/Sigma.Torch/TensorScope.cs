namespace Sigma.Torch;

/// <summary>
/// Frees the tensors that were made on this thread while it was open. Scopes nest; a tensor belongs to the
/// innermost one. Tensors made outside any scope belong to whoever made them.
/// </summary>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? current;

    private readonly TensorScope? outer = current;
    private readonly List<Tensor> tensors = [];
    private bool closed;

    /// <summary>Opens a scope inside the one now open on this thread.</summary>
    public TensorScope() => current = this;

    internal static void Register(Tensor tensor)
    {
        if (current is { } scope)
        {
            tensor.Scope = scope;
            tensor.ScopeIndex = scope.tensors.Count;
            scope.tensors.Add(tensor);
        }
    }

    /// <summary>Moves a tensor out of this scope into the one around it (or to the caller, where there is none).</summary>
    public Tensor Keep(Tensor tensor)
    {
        Forget(tensor);
        if (outer is not null)
        {
            tensor.Scope = outer;
            tensor.ScopeIndex = outer.tensors.Count;
            outer.tensors.Add(tensor);
        }
        return tensor;
    }

    /// <summary>Takes a tensor out of whatever scope it is in: from now on it lives until it is disposed.</summary>
    internal static void Forget(Tensor tensor)
    {
        if (tensor.Scope is not { } scope)
            return;
        // The last one takes the free place, so that leaving a scope costs nothing whatever its size.
        var last = scope.tensors[^1];
        scope.tensors[tensor.ScopeIndex] = last;
        last.ScopeIndex = tensor.ScopeIndex;
        scope.tensors.RemoveAt(scope.tensors.Count - 1);
        tensor.Scope = null;
    }

    /// <summary>Frees every tensor still in the scope.</summary>
    public void Dispose()
    {
        if (closed)
            return;
        closed = true;
        foreach (var tensor in tensors)
            tensor.Free();
        tensors.Clear();
        current = outer;
    }
}

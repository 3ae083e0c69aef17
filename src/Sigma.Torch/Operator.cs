using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sigma.Torch;

/// <summary>
/// An operator of libtorch, found by name through its dispatcher. Arguments left out at the end take the
/// defaults of the operator's own schema.
/// </summary>
public sealed unsafe class Operator
{
    private const int MostResults = 8;
    private static readonly ConcurrentDictionary<string, Operator?> Known = new();

    private readonly IntPtr handle;
    private readonly string name;

    private Operator(string name, IntPtr handle) => (this.name, this.handle) = (name, handle);

    /// <summary>The operator <c>namespace::name</c> or <c>namespace::name.overload</c>.</summary>
    /// <exception cref="TorchException">This libtorch has none of that name.</exception>
    public static Operator Get(string name) => Find(name)
        ?? throw new TorchException(name, $"libtorch {Engine.Version} has no operator of this name");

    /// <summary>The operator, or null where this libtorch has none of that name.</summary>
    public static Operator? Find(string name) => Known.GetOrAdd(name, static key =>
    {
        var dot = key.LastIndexOf('.');
        var found = dot < 0 ? Native.st_operator_find(key, "") : Native.st_operator_find(key[..dot], key[(dot + 1)..]);
        return found == IntPtr.Zero ? null : new Operator(key, found);
    });

    /// <summary>Calls it for its one tensor.</summary>
    /// <exception cref="TorchException">libtorch refused; carries the shapes and its first line.</exception>
    [SkipLocalsInit]
    public Tensor Call(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        var count = Invoke(arguments, results, MostResults);
        return count == 1 && results[0].Tag == ValueTag.Tensor
            ? new Tensor((nint)results[0].Bits)
            : throw new TorchException(name, $"gave {count} results where one tensor was expected");
    }

    /// <summary>Calls it for several tensors; a result that is not there is null.</summary>
    [SkipLocalsInit]
    public Tensor?[] CallMany(int most, params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[most];
        var count = Invoke(arguments, results, most);
        var tensors = new Tensor?[count];
        for (var i = 0; i < count; i++)
            tensors[i] = results[i].Tag == ValueTag.Tensor ? new Tensor((nint)results[i].Bits) : null;
        return tensors;
    }

    /// <summary>Calls it for what it does to its arguments, and drops what it gives back.</summary>
    public void Run(params ReadOnlySpan<Arg> arguments) => Invoke(arguments, null, 0);

    [SkipLocalsInit]
    private int Invoke(ReadOnlySpan<Arg> arguments, NativeValue* results, int capacity)
    {
        // Lists travel as numbers in one scratch area: on the stack while it is small.
        var listed = 0;
        foreach (ref readonly var argument in arguments)
            listed += ListLength(argument);
        const int onStack = 64;
        var small = stackalloc long[onStack];
        var scratch = listed <= onStack ? small : (long*)NativeMemory.Alloc((nuint)listed, sizeof(long));
        try
        {
            var values = stackalloc NativeValue[arguments.Length];
            var next = scratch;
            for (var i = 0; i < arguments.Length; i++)
                next = Write(arguments[i], ref values[i], next);
            var status = Native.st_operator_call(handle, values, arguments.Length, results, capacity, out var count);
            return status == 0 ? count : throw new TorchException(Describe(arguments), Native.LastError());
        }
        finally
        {
            if (scratch != small)
                NativeMemory.Free(scratch);
        }
    }

    private static int ListLength(in Arg argument) => argument.Reference switch
    {
        long[] values => values.Length,
        Tensor?[] tensors => tensors.Length,
        string text => (Encoding.UTF8.GetByteCount(text) + 7) / 8,
        _ => 0,
    };

    private static long* Write(in Arg argument, ref NativeValue value, long* scratch)
    {
        value.Tag = argument.Tag;
        value.Count = 0;
        value.Bits = argument.Bits;
        if (argument.Reference is null or Tensor)
            return scratch;
        value.Bits = (long)scratch;
        switch (argument.Reference)
        {
            case long[] values:
                value.Count = values.Length;
                values.CopyTo(new Span<long>(scratch, values.Length));
                break;
            case Tensor?[] tensors:
                value.Count = tensors.Length;
                for (var i = 0; i < tensors.Length; i++)
                    scratch[i] = tensors[i]?.Handle ?? IntPtr.Zero;
                break;
            case string text:
                value.Count = Encoding.UTF8.GetBytes(text, new Span<byte>(scratch, ListLength(argument) * sizeof(long)));
                break;
        }
        return scratch + ListLength(argument);
    }

    private string Describe(ReadOnlySpan<Arg> arguments)
    {
        var text = new StringBuilder(name).Append('(');
        for (var i = 0; i < arguments.Length; i++)
            text.Append(i == 0 ? "" : ", ").Append(arguments[i].ToString());
        return text.Append(')').ToString();
    }
}

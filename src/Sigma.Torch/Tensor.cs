namespace Sigma.Torch;

/// <summary>
/// A tensor of libtorch. It is native memory: free it with <see cref="Dispose"/>, or make it inside a
/// <see cref="TensorScope"/>. There is no finalizer, so what is made outside a scope and not disposed is leaked,
/// and <see cref="LiveCount"/> shows it.
/// </summary>
public sealed unsafe partial class Tensor : IDisposable
{
    private static long live;
    private IntPtr handle;

    internal Tensor(IntPtr handle)
    {
        this.handle = handle;
        Interlocked.Increment(ref live);
        TensorScope.Register(this);
    }

    internal TensorScope? Scope { get; set; }

    internal int ScopeIndex { get; set; }

    /// <summary>How many tensors of this program have been made and not yet freed.</summary>
    public static long LiveCount => Interlocked.Read(ref live);

    /// <summary>The native object.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was freed, by hand or by its scope.</exception>
    internal IntPtr Handle => handle != IntPtr.Zero ? handle : throw new ObjectDisposedException(nameof(Tensor), "this tensor was freed, by hand or with its scope");

    private TensorInfo Info
    {
        get
        {
            Native.Check(Native.st_tensor_info(Handle, out var info), "tensor info");
            return info;
        }
    }

    /// <summary>The length of every dimension.</summary>
    public long[] Shape
    {
        get
        {
            var shape = new long[Info.Dimensions];
            fixed (long* pointer = shape)
                Native.Check(Native.st_tensor_shape(Handle, pointer, null), "shape");
            return shape;
        }
    }

    /// <summary>The length of one dimension; negative counts from the last.</summary>
    public long Size(int dimension)
    {
        var shape = Shape;
        return shape[dimension < 0 ? dimension + shape.Length : dimension];
    }

    /// <summary>Number of elements.</summary>
    public long Elements => Info.Elements;

    /// <summary>Type of the elements.</summary>
    public ScalarType Type => (ScalarType)Info.Type;

    /// <summary>Where it lives.</summary>
    public Device Device
    {
        get
        {
            var info = Info;
            return new((DeviceType)info.DeviceType, info.DeviceIndex);
        }
    }

    /// <summary>Whether backward computes a gradient for it (or for what it was computed from).</summary>
    public bool RequiresGrad
    {
        get => Info.RequiresGrad != 0;
        set => Native.Check(Native.st_requires_grad(Handle, value ? 1 : 0), "requires grad");
    }

    /// <summary>The gradient that backward left here, or null.</summary>
    public Tensor? Grad
    {
        get
        {
            Native.Check(Native.st_grad(Handle, out var gradient), "grad");
            return gradient == IntPtr.Zero ? null : new Tensor(gradient);
        }
        set => Native.Check(Native.st_set_grad(Handle, value?.Handle ?? IntPtr.Zero), "set grad");
    }

    /// <summary>Runs backward from this tensor: a scalar, or one for which the gradient is given.</summary>
    public void Backward(Tensor? gradient = null) =>
        Native.Check(Native.st_backward(Handle, gradient?.Handle ?? IntPtr.Zero), $"backward from {this}");

    /// <summary>A tensor of this shape whose elements are whatever the memory held.</summary>
    public static Tensor Empty(ReadOnlySpan<long> shape, ScalarType type = ScalarType.Float32, Device device = default)
    {
        fixed (long* pointer = shape)
        {
            Native.Check(Native.st_tensor_empty(pointer, shape.Length, (int)type, (int)device.Type, device.Index, out var result),
                $"empty [{string.Join(", ", shape.ToArray())}] {type} on {device}");
            return new Tensor(result);
        }
    }

    /// <summary>
    /// A tensor in main memory whose elements will be sent to a device: for a GPU in pinned memory, which it fetches from by
    /// itself and several times as fast.
    /// </summary>
    public static Tensor EmptyToSend(ReadOnlySpan<long> shape, ScalarType type, Device destination)
    {
        var room = Empty(shape, type);
        if (!destination.IsCuda)
            return room;
        using (room)
            return F.PinMemory(room);
    }

    /// <summary>A tensor in main memory with a copy of these elements; without a shape it has one dimension.</summary>
    public static Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var tensor = Empty(shape.IsEmpty ? [values.Length] : shape, TypeOf<T>());
        var target = tensor.Data<T>();
        if (target.Length != values.Length)
        {
            tensor.Dispose();
            throw new ArgumentException($"{values.Length} values cannot fill a tensor of {target.Length}");
        }
        values.CopyTo(target);
        return tensor;
    }

    /// <summary>A tensor in main memory with a copy of these elements; without a shape it has one dimension.</summary>
    public static Tensor From<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged => From((ReadOnlySpan<T>)values, shape);

    /// <summary>The elements of a contiguous tensor in main memory, without a copy; valid while the tensor lives.</summary>
    /// <exception cref="InvalidOperationException">Other element type, not contiguous, or on a GPU.</exception>
    public Span<T> Data<T>()
        where T : unmanaged
    {
        var info = Info;
        CheckLayout<T>(info);
        return new Span<T>((void*)info.Data, checked((int)info.Elements));
    }

    /// <summary>A stretch of the elements, for tensors larger than a span can hold; else as <see cref="Data{T}()"/>.</summary>
    /// <param name="first">the first element, counted over the whole tensor</param>
    /// <param name="count">how many</param>
    /// <exception cref="InvalidOperationException">Other element type, not contiguous, or on a GPU.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such elements.</exception>
    public Span<T> Data<T>(long first, int count)
        where T : unmanaged
    {
        var info = Info;
        CheckLayout<T>(info);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, info.Elements - count);
        return new Span<T>((T*)info.Data + first, count);
    }

    /// <summary>The bytes of a contiguous tensor in main memory, whatever its element type; valid while the tensor lives.</summary>
    /// <exception cref="InvalidOperationException">Not contiguous, or on a GPU.</exception>
    public Span<byte> Bytes
    {
        get
        {
            var info = Info;
            return info.Contiguous != 0 && info.DeviceType == 0
                ? new Span<byte>((void*)info.Data, checked((int)(info.Elements * ((ScalarType)info.Type).Size())))
                : throw new InvalidOperationException($"the bytes of {this} do not lie one after another in main memory");
        }
    }

    /// <summary>Address of the first element, for tensors larger than a span can hold.</summary>
    public IntPtr DataPointer => Info.Data;

    /// <summary>A copy of the elements, brought to main memory, cast and made contiguous as needed.</summary>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        using var scope = new TensorScope();
        return F.Contiguous(F.To(this, TypeOf<T>(), Device.Cpu)).Data<T>().ToArray();
    }

    /// <summary>The one element, as a number. On a GPU the host waits for the device here.</summary>
    public double Item()
    {
        var values = ToArray<double>();
        return values.Length == 1 ? values[0] : throw new InvalidOperationException($"{this} has {values.Length} elements, not one");
    }

    /// <summary>Takes the tensor out of its scope: it lives until it is disposed.</summary>
    public Tensor KeepForever()
    {
        TensorScope.Forget(this);
        return this;
    }

    /// <summary>
    /// Moves a leaf, such as a weight, to another device: whoever holds this tensor finds it there. Its gradient is forgotten.
    /// </summary>
    public void MoveTo(Device device)
    {
        if (Device == device)
            return;
        using var noGrad = new NoGrad();
        var trained = RequiresGrad;
        var moved = F.To(F.Detach(this), device);
        (handle, moved.handle) = (moved.Handle, Handle);
        moved.Dispose();
        RequiresGrad = trained;
    }

    /// <summary>Frees the memory, unless another tensor shares it.</summary>
    public void Dispose()
    {
        TensorScope.Forget(this);
        Free();
    }

    private void CheckLayout<T>(in TensorInfo info)
        where T : unmanaged
    {
        if (sizeof(T) != ((ScalarType)info.Type).Size() || info.Contiguous == 0 || info.DeviceType != 0)
            throw new InvalidOperationException($"the elements of {this} cannot be seen as contiguous {typeof(T).Name} in main memory");
    }

    internal void Free()
    {
        Scope = null;
        if (handle == IntPtr.Zero)
            return;
        Native.st_tensor_free(handle);
        handle = IntPtr.Zero;
        Interlocked.Decrement(ref live);
    }

    /// <summary>Type and shape, for messages.</summary>
    public override string ToString() => handle == IntPtr.Zero ? "freed tensor" : $"{Type}[{string.Join(", ", Shape)}]";

    internal static ScalarType TypeOf<T>()
        where T : unmanaged => default(T) switch
        {
            float => ScalarType.Float32,
            double => ScalarType.Float64,
            long => ScalarType.Int64,
            int => ScalarType.Int32,
            short => ScalarType.Int16,
            byte => ScalarType.UInt8,
            sbyte => ScalarType.Int8,
            bool => ScalarType.Bool,
            Half => ScalarType.Float16,
            _ => throw new NotSupportedException($"tensors have no elements of type {typeof(T).Name}"),
        };
}

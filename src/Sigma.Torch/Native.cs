using System.Reflection;
using System.Runtime.InteropServices;

namespace Sigma.Torch;

/// <summary>The C calls of native/torch, and the search for the library behind them.</summary>
internal static unsafe partial class Native
{
    private const string Library = "sigma_torch";
    private const int AbiVersion = 1;

    static Native()
    {
        NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Search);
        // OpenMP's threads would spin while they wait for each other, and with decoding threads or another program on the
        // same cores a step then takes many times as long. OpenBLAS has threads of its own, which go on asking for work for
        // 2^26 cycles, a core that our kernels want meanwhile; 2^18 last from one matrix product to the next. Both are read
        // once, when the libraries are loaded, so they are set before that; a person's own settings stand.
        _ = setenv("OMP_WAIT_POLICY", "passive", overwrite: 0);
        _ = setenv("OPENBLAS_THREAD_TIMEOUT", "18", overwrite: 0);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    /// <summary>Looks beside the assembly first; a failure says where was searched, why, and the cure.</summary>
    private static IntPtr Search(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return IntPtr.Zero;
        var file = Path.Combine(AppContext.BaseDirectory, $"lib{Library}.so");
        try
        {
            var library = NativeLibrary.Load(file);
            var abi = ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "st_abi_version"))();
            return abi == AbiVersion
                ? library
                : throw new DllNotFoundException($"{file} speaks version {abi} of the border, this program {AbiVersion}: run ./sigma build");
        }
        catch (DllNotFoundException failure) when (!failure.Message.Contains("the border", StringComparison.Ordinal))
        {
            throw new DllNotFoundException(
                $"The libtorch door could not be opened: {file}{(File.Exists(file) ? " is there, but did not load" : " is missing")}.\n" +
                $"{failure.Message}\nRun ./sigma build, which installs libtorch-dev and builds it; where libtorch lives " +
                "elsewhere, set SIGMA_LIBTORCH to its folder before building.", failure);
        }
    }

    /// <summary>Throws what libtorch said if a call came back with a status other than 0.</summary>
    internal static void Check(int status, string call)
    {
        if (status != 0)
            throw new TorchException(call, LastError());
    }

    internal static string LastError() => Marshal.PtrToStringUTF8(st_last_error()) ?? "";

    [LibraryImport(Library)] private static partial IntPtr st_last_error();
    [LibraryImport(Library)] internal static partial IntPtr st_engine_version();
    [LibraryImport(Library)] internal static partial IntPtr st_cpu_capability();
    [LibraryImport(Library)] internal static partial int st_set_threads(int threads);
    [LibraryImport(Library)] internal static partial int st_get_threads();
    [LibraryImport(Library)] internal static partial int st_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int st_cuda_devices();
    [LibraryImport(Library)] internal static partial int st_synchronize(int deviceIndex);
    [LibraryImport(Library)] internal static partial long st_kernel_columns();
    [LibraryImport(Library)] internal static partial int st_has_graphs();
    [LibraryImport(Library)] internal static partial int st_graph_record(int deviceIndex, out IntPtr result);
    [LibraryImport(Library)] internal static partial int st_graph_recorded(IntPtr graph);
    [LibraryImport(Library)] internal static partial int st_graph_launch(IntPtr graph);
    [LibraryImport(Library)] internal static partial void st_graph_free(IntPtr graph);
    [LibraryImport(Library)] internal static partial long st_device_memory_peak(int deviceIndex, int forget);
    [LibraryImport(Library)] internal static partial long st_memory_peak(int forget);

    [LibraryImport(Library)]
    internal static partial int st_tensor_empty(long* shape, int dimensions, int type, int deviceType, int deviceIndex, out IntPtr result);

    [LibraryImport(Library)] internal static partial void st_tensor_free(IntPtr tensor);
    [LibraryImport(Library)] internal static partial int st_tensor_info(IntPtr tensor, out TensorInfo info);
    [LibraryImport(Library)] internal static partial int st_tensor_shape(IntPtr tensor, long* shape, long* strides);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial IntPtr st_operator_find(string name, string overload);


    [LibraryImport(Library)]
    internal static partial int st_operator_call(IntPtr op, NativeValue* arguments, int count, NativeValue* results, int capacity, out int resultCount);

    [LibraryImport(Library)] internal static partial int st_backward(IntPtr root, IntPtr gradient);
    [LibraryImport(Library)] internal static partial int st_requires_grad(IntPtr tensor, int value);
    [LibraryImport(Library)] internal static partial int st_grad(IntPtr tensor, out IntPtr gradient);
    [LibraryImport(Library)] internal static partial int st_set_grad(IntPtr tensor, IntPtr gradient);
    [LibraryImport(Library)] internal static partial int st_grad_mode(int enabled);
    [LibraryImport(Library)] internal static partial int st_autocast_type(int deviceType);
    [LibraryImport(Library)] internal static partial int st_autocast(int deviceType, int enabled, int type);
    [LibraryImport(Library)] internal static partial int st_tensor_float32(int allowed);

    [LibraryImport(Library)]
    internal static partial int st_recomputed(
        IntPtr input, IntPtr output, delegate* unmanaged[Cdecl]<IntPtr, IntPtr, IntPtr, byte*, int, int> recompute,
        delegate* unmanaged[Cdecl]<IntPtr, void> release, IntPtr context, out IntPtr result);
}

/// <summary>StReducerFigures of the border.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReducerFigures
{
    public long Bytes;
    public long BusyNanos;
    public long ExposedNanos;
}

/// <summary>StTensorInfo of the border.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TensorInfo
{
    public IntPtr Data;
    public long Elements;
    public int Type;
    public int Dimensions;
    public int DeviceType;
    public int DeviceIndex;
    public int RequiresGrad;
    public int Contiguous;
}

/// <summary>StValue of the border: one argument or result of an operator.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public ValueTag Tag;
    public int Count;
    public long Bits;
}

/// <summary>StTag of the border.</summary>
internal enum ValueTag
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    IntList = 5,
    DoubleList = 6,
    TensorList = 7,
    String = 8,
    Device = 9,
}

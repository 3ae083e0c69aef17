using System.Runtime.InteropServices;

namespace Sigma.Media.Native;

/// <summary>Finds libsigma_media.so, checks that it was built for this assembly, and says where it looked when it fails.</summary>
internal static unsafe class NativeLibraryLoader
{
    private const int AbiVersion = 7;
    private const string FileName = "libsigma_media.so";

    private static readonly Lazy<nint> Handle = new(Load);

    public static void Install() => NativeLibrary.SetDllImportResolver(
        typeof(NativeLibraryLoader).Assembly,
        static (name, _, _) => name == MediaNative.Library ? Handle.Value : 0);

    /// <summary>Sizes of the structs that cross the border, in the order of sigma_media.h.</summary>
    internal static int[] ManagedSizes() =>
    [
        sizeof(NativeError), sizeof(NativeVideoInfo), sizeof(CropBox), sizeof(MotionVector), sizeof(NativeMotion), sizeof(NativeWriterOptions),
        sizeof(NativePackOptions), sizeof(NativePacked),
    ];

    /// <summary>Sizes of the same structs as the loaded library has them.</summary>
    internal static int[] NativeSizes() => SizesOf(Handle.Value);

    /// <summary>Tries each place in turn.</summary>
    /// <exception cref="MediaLibraryException">Nothing at these places loads, or what loads belongs to another build.</exception>
    internal static nint LoadFrom(IEnumerable<string> places)
    {
        var searched = new List<string>();
        foreach (string place in places)
        {
            try
            {
                nint handle = NativeLibrary.Load(place);
                if (Mismatch(handle) is not { } mismatch)
                    return handle;
                searched.Add($"{place}: {mismatch}");
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                searched.Add($"{place}: {(File.Exists(place) ? e.Message : "no such file")}");
            }
        }
        throw new MediaLibraryException(searched);
    }

    private static nint Load() => LoadFrom(Places());

    private static IEnumerable<string> Places()
    {
        string? assembly = Path.GetDirectoryName(typeof(NativeLibraryLoader).Assembly.Location);
        return new[] { AppContext.BaseDirectory, assembly }
            .Where(folder => !string.IsNullOrEmpty(folder))
            .Select(folder => Path.GetFullPath(Path.Combine(folder!, FileName)))
            .Distinct();
    }

    private static string? Mismatch(nint handle)
    {
        if (!NativeLibrary.TryGetExport(handle, "sm_abi_version", out nint version))
            return "it is some other library";
        int found = ((delegate* unmanaged<int>)version)();
        if (found != AbiVersion)
            return $"its border has version {found}, this program expects {AbiVersion}: build both anew";
        int[] native = SizesOf(handle), managed = ManagedSizes();
        return native.AsSpan().SequenceEqual(managed)
            ? null
            : $"its structs have sizes [{string.Join(", ", native)}], this program expects [{string.Join(", ", managed)}]";
    }

    private static int[] SizesOf(nint handle)
    {
        var call = (delegate* unmanaged<int*, int, int>)NativeLibrary.GetExport(handle, "sm_abi_sizes");
        var sizes = new int[call(null, 0)];
        fixed (int* first = sizes)
            _ = call(first, sizes.Length);
        return sizes;
    }
}

using System.Runtime.InteropServices;

namespace Sigma.Torch;

/// <summary>The C calls of native/torch for process groups.</summary>
internal static unsafe partial class RankNative
{
    private const string Library = "sigma_torch";


    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int st_store_open(string host, int port, int isServer, long timeoutMillis, out IntPtr store);

    [LibraryImport(Library)] internal static partial void st_store_close(IntPtr store);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int st_store_set(IntPtr store, string key, byte* value, int length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int st_store_get(IntPtr store, string key, byte* value, int capacity, out int length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int st_store_has(IntPtr store, string key, out int there);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int st_store_add(IntPtr store, string key, long amount, out long sum);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int st_group_create(
        IntPtr store, string prefix, int rank, int size, string address, int cudaDevice, long timeoutMillis, out IntPtr group);

    [LibraryImport(Library)] internal static partial void st_group_free(IntPtr group);
    [LibraryImport(Library)] internal static partial void st_group_abort(IntPtr group);
    [LibraryImport(Library)] internal static partial int st_group_all_reduce(IntPtr group, IntPtr tensor, int reduction);
    [LibraryImport(Library)] internal static partial int st_group_broadcast(IntPtr group, IntPtr tensor, int root);
    [LibraryImport(Library)] internal static partial int st_group_all_gather(IntPtr group, IntPtr own, IntPtr all);
    [LibraryImport(Library)] internal static partial int st_group_barrier(IntPtr group);
    [LibraryImport(Library)] internal static partial long st_group_begun(IntPtr group, out IntPtr last);
    [LibraryImport(Library)] internal static partial long st_group_reduced_bytes(IntPtr group);
    [LibraryImport(Library)] internal static partial long st_sent_bytes();

    [LibraryImport(Library)]
    internal static partial int st_reducer_create(IntPtr group, IntPtr* parameters, int count, long bucketBytes, out IntPtr reducer);

    [LibraryImport(Library)] internal static partial void st_reducer_free(IntPtr reducer);
    [LibraryImport(Library)] internal static partial int st_reducer_begin(IntPtr reducer, int first, int last);
    [LibraryImport(Library)] internal static partial int st_reducer_finish(IntPtr reducer, out ReducerFigures figures);

    [LibraryImport("libc")] internal static partial int getppid();
}

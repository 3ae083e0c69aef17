using System.Text;

namespace Sigma.Torch;

/// <summary>
/// A connection to c10d's TCP store, the meeting point that rank 0 keeps: small values under names. One thread at a time; a
/// call waits for an answer no longer than the timeout.
/// </summary>
internal sealed unsafe class RankStore : IDisposable
{
    private readonly string prefix;
    private IntPtr handle;

    /// <summary>Connects, or begins to listen on rank 0.</summary>
    /// <param name="place">where</param>
    /// <param name="prefix">put before every name</param>
    /// <param name="server">whether to listen</param>
    /// <param name="timeout">how long to try, and to wait for an answer later</param>
    /// <exception cref="TorchException">nobody answers there, or the port is taken</exception>
    public RankStore(RankPlace place, string prefix, bool server, TimeSpan timeout)
    {
        this.prefix = prefix;
        Check(RankNative.st_store_open(place.Host, place.Port, server ? 1 : 0, (long)timeout.TotalMilliseconds, out handle), "connect");
    }

    internal IntPtr Handle => handle;

    /// <summary>Writes a value.</summary>
    public void Set(string key, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        fixed (byte* pointer = bytes)
            Check(RankNative.st_store_set(handle, prefix + key, pointer, bytes.Length), $"set {key}");
    }

    /// <summary>Reads a value, waiting until somebody has written it.</summary>
    public string Get(string key)
    {
        var bytes = new byte[4096];
        while (true)
        {
            int length;
            fixed (byte* pointer = bytes)
                Check(RankNative.st_store_get(handle, prefix + key, pointer, bytes.Length, out length), $"get {key}");
            if (length <= bytes.Length)
                return Encoding.UTF8.GetString(bytes, 0, length);
            bytes = new byte[length];
        }
    }

    /// <summary>Whether somebody has written it.</summary>
    public bool Has(string key)
    {
        Check(RankNative.st_store_has(handle, prefix + key, out var there), $"look for {key}");
        return there != 0;
    }

    /// <summary>Adds to a counter, which begins at 0, and gives its new value.</summary>
    public long Add(string key, long amount)
    {
        Check(RankNative.st_store_add(handle, prefix + key, amount, out var sum), $"add to {key}");
        return sum;
    }

    /// <summary>Closes the connection; on rank 0 the store is gone for all.</summary>
    public void Dispose()
    {
        if (handle != IntPtr.Zero)
            RankNative.st_store_close(handle);
        handle = IntPtr.Zero;
    }

    private static void Check(int status, string call) => Native.Check(status, $"the ranks' store: {call}");
}

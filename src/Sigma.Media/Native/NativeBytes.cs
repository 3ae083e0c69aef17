namespace Sigma.Media.Native;

/// <summary>Bytes that the native side made: copied out once, then freed.</summary>
internal unsafe struct NativeBytes : IDisposable
{
    public byte* Pointer;
    public nuint Size;

    public readonly byte[] ToArray() => new ReadOnlySpan<byte>(Pointer, checked((int)Size)).ToArray();

    public readonly void Dispose() => MediaNative.FreeBytes(Pointer);
}

using System.Runtime.InteropServices;

namespace Sigma.Media.Native;

internal sealed class ReaderHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        MediaNative.CloseReader(handle);
        return true;
    }
}

internal sealed class WriterHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        MediaNative.CloseWriter(handle);
        return true;
    }
}

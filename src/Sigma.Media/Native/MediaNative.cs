using System.Runtime.InteropServices;

namespace Sigma.Media.Native;

/// <summary>The calls of native/media; see sigma_media.h for what each does.</summary>
internal static unsafe partial class MediaNative
{
    public const string Library = "sigma_media";

    // Runs before the first call, so the library is found and checked before anything crosses the border.
    static MediaNative() => NativeLibraryLoader.Install();

    [LibraryImport(Library, EntryPoint = "sm_engine_version")]
    public static partial byte* EngineVersion();

    [LibraryImport(Library, EntryPoint = "sm_engine_decoder")]
    public static partial byte* EngineDecoder(int index);

    [LibraryImport(Library, EntryPoint = "sm_engine_has_h264_encoder")]
    public static partial int HasH264Encoder();

    [LibraryImport(Library, EntryPoint = "sm_engine_has_nvdec")]
    public static partial Status HasNvdec(int gpu, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_reader_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial Status OpenReader(string path, int threads, int gpu, out ReaderHandle reader, NativeVideoInfo* info, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_reader_close")]
    public static partial void CloseReader(nint reader);

    [LibraryImport(Library, EntryPoint = "sm_reader_frame_count")]
    public static partial int FrameCount(ReaderHandle reader);

    [LibraryImport(Library, EntryPoint = "sm_reader_count_frames")]
    public static partial Status CountFrames(ReaderHandle reader, int* count, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_reader_read")]
    public static partial Status Read(
        ReaderHandle reader, int* frames, int n, CropBox* crop, int width, int height, byte* rgb, NativeMotion* motion, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_reader_keep")]
    public static partial Status Keep(ReaderHandle reader, int* frames, int n, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_reader_frame_md5")]
    public static partial Status FrameMd5(ReaderHandle reader, int* frames, int n, byte* digests, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_reader_statistics")]
    public static partial void Statistics(ReaderHandle reader, long* decoded, long* onGpu, long* skipped, int* seekable);

    [LibraryImport(Library, EntryPoint = "sm_nvdec_choice", StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte* NvdecChoice(string offered);

    [LibraryImport(Library, EntryPoint = "sm_nvdec_take_apart")]
    public static partial Status TakeApart(
        byte* luma, int lumaRow, byte* chroma, int chromaRow, int width, int height, int bits, byte* planes, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_forget_files")]
    public static partial void ForgetFiles();

    [LibraryImport(Library, EntryPoint = "sm_plain_read", StringMarshalling = StringMarshalling.Utf8)]
    public static partial Status PlainRead(
        string path, int* frames, int n, CropBox* crop, int width, int height, byte* rgb, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_writer_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial Status OpenWriter(
        string path, int width, int height, double frameRate, NativeWriterOptions* options, out WriterHandle writer, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_writer_write")]
    public static partial Status Write(WriterHandle writer, byte* rgb, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_writer_finish")]
    public static partial Status Finish(WriterHandle writer, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_writer_close")]
    public static partial void CloseWriter(nint writer);

    [LibraryImport(Library, EntryPoint = "sm_pack", StringMarshalling = StringMarshalling.Utf8)]
    public static partial Status Pack(string path, NativePackOptions* options, NativePacked* packed, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_png_encode")]
    public static partial Status EncodePng(int width, int height, byte* rgb, byte** bytes, nuint* size, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_png_encode_numbers")]
    public static partial Status EncodeNumbers(
        int width, int height, byte* numbers, byte* palette, byte** bytes, nuint* size, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_jpeg_encode")]
    public static partial Status EncodeJpeg(int width, int height, byte* rgb, int quantiser, byte** bytes, nuint* size, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_png_decode_numbers")]
    public static partial Status DecodeNumbers(
        byte* png, nuint length, int* width, int* height, byte** bytes, nuint* size, NativeError* error);

    [LibraryImport(Library, EntryPoint = "sm_bytes_free")]
    public static partial void FreeBytes(byte* bytes);
}

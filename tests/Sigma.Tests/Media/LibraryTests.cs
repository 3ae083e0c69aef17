using Sigma.Media;
using Sigma.Media.Native;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class LibraryTests
{
    [Fact]
    public void Both_sides_of_the_border_agree_on_the_size_of_every_struct() =>
        Assert.Equal(NativeLibraryLoader.NativeSizes(), NativeLibraryLoader.ManagedSizes());

    [Fact]
    public void A_library_that_does_not_load_tells_where_it_was_searched_and_the_cure()
    {
        string wrong = Path.Combine(MediaFiles.Scratch(), "libsigma_media.so");
        File.WriteAllText(wrong, "no library");
        var error = Assert.Throws<MediaLibraryException>(() => NativeLibraryLoader.LoadFrom(["/nowhere/libsigma_media.so", wrong, "libc.so.6"]));
        Assert.Equal(3, error.Searched.Count);
        Assert.Contains("/nowhere/libsigma_media.so: no such file", error.Message, StringComparison.Ordinal);
        Assert.Contains(wrong, error.Message, StringComparison.Ordinal);
        Assert.Contains("libc.so.6: it is some other library", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install libavformat-dev", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_engine_names_its_version_and_decoders()
    {
        Assert.NotEmpty(MediaEngine.Version);
        Assert.Contains("h264", MediaEngine.VideoDecoders);
    }
}

using Sigma.Media;

namespace Sigma.Tests.Data.Sets;

/// <summary>A data set in miniature: one rendered video, copied to every place that wants one.</summary>
internal sealed class SetFolder : IDisposable
{
    public const int VideoFrames = 20;

    private static readonly Lazy<byte[]> Clip = new(() =>
    {
        using var files = new ClipFiles();
        return File.ReadAllBytes(files.Render("clip.mp4", VideoFrames));
    });

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-set-");

    public string Root => folder.FullName;

    public string this[string name] => Path.Combine(Root, name);

    public SetFolder Videos(params string[] names)
    {
        foreach (var name in names)
            File.WriteAllBytes(Made(name), Clip.Value);
        return this;
    }

    public SetFolder Pictures(params string[] names)
    {
        foreach (var name in names)
        {
            if (name.EndsWith(".png", StringComparison.Ordinal))
                PngImage.Write(Made(name), 16, 16, new byte[16 * 16 * 3]);
            else
                File.WriteAllBytes(Made(name), Convert.FromBase64String(SmallJpeg));
        }
        return this;
    }

    public SetFolder Text(string name, string text)
    {
        File.WriteAllText(Made(name), text);
        return this;
    }

    public SetFolder Bytes(string name, byte[] bytes)
    {
        File.WriteAllBytes(Made(name), bytes);
        return this;
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string Made(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        return this[name];
    }

    /// <summary>16×16 pixels of one brown.</summary>
    private const string SmallJpeg =
        "/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAg+Pkk+SVVVVVVVVWRdZGhoaGRkZGRoaGhwcHCDg4NwcHBoaHBwfHyDg4+Tj4eHg4eTk5ubm7q6srLZ2eD/"
        + "////xABMAAEBAAAAAAAAAAAAAAAAAAAABgEBAQAAAAAAAAAAAAAAAAAABQYQAQAAAAAAAAAAAAAAAAAAAAARAQAAAAAAAAAAAAAAAAAAAAD/wAARCAAQABADASIAAhEAAxEA/9oADAMB"
        + "AAIRAxEAPwCOACKJ/9k=";
}

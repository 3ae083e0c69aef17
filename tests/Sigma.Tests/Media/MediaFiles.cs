using System.Diagnostics;
using System.Globalization;
using Sigma.Media;

namespace Sigma.Tests.Media;

/// <summary>The real clips, the ffmpeg program as an oracle where it is installed, and a scratch folder.</summary>
internal static class MediaFiles
{
    private static readonly Lazy<string?> Folder = new(FindFolder);
    private static readonly Lazy<bool> HasProgram = new(() => Run("ffmpeg", ["-version"]).ExitCode == 0);

    private static readonly Lazy<string> ScratchRoot = new(() =>
    {
        string root = Directory.CreateTempSubdirectory("sigma-media-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(root, recursive: true);
        return root;
    });

    /// <summary>Path of a real clip; skips the test where the clips are absent.</summary>
    public static string Clip(string name)
    {
        Skip.If(Folder.Value is null, "no video folder: set SIGMA_VIDEOS to one");
        return Path.Combine(Folder.Value!, name);
    }

    /// <summary>All clips whose ending is a video's.</summary>
    public static IEnumerable<string> All()
    {
        string[] endings = [".mp4", ".mov", ".avi", ".mkv", ".webm", ".ts", ".flv", ".3gp"];
        return Folder.Value is not { } folder
            ? []
            : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(f => endings.Contains(Path.GetExtension(f).ToLowerInvariant()))
                .Order(StringComparer.Ordinal);
    }

    /// <summary>Skips the test where the ffmpeg program is absent.</summary>
    public static void NeedProgram() => Skip.IfNot(HasProgram.Value, "the ffmpeg program is not installed");

    /// <summary>MD5 of every frame the ffmpeg program gives out, in its native pixel format.</summary>
    public static string[] ProgramFrameMd5(string path)
    {
        NeedProgram();
        string text = Run("ffmpeg", [
            "-v", "quiet", "-nostdin", "-noautorotate", "-threads", "1", "-i", path, "-an", "-fps_mode", "passthrough", "-f", "framemd5", "-",
        ]).Output;
        return [.. text.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(',')[^1].Trim())];
    }

    /// <summary>Makes a clip of 120 frames of a moving test picture with the ffmpeg program, encoded as the arguments say.</summary>
    public static string Made(string name, string arguments)
    {
        string output = Path.Combine(Scratch(), name);
        Program(["-f", "lavfi", "-i", "testsrc2=size=128x96:rate=25:duration=4.8", .. arguments.Split(' '), output]);
        return output;
    }

    /// <summary>Runs the ffmpeg program; skips the test where it cannot do this.</summary>
    public static void Program(params string[] arguments)
    {
        NeedProgram();
        (int code, _, string error) = Run("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]);
        Skip.IfNot(code == 0, $"the ffmpeg program here cannot make this clip: {error}");
    }

    /// <summary>A new folder for one test, deleted when the process ends.</summary>
    public static string Scratch() =>
        Directory.CreateDirectory(Path.Combine(ScratchRoot.Value, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture))).FullName;

    /// <summary>Reads whole frames at their displayed size.</summary>
    public static byte[] ReadAll(VideoReader reader, params int[] frames)
    {
        var rgb = new byte[frames.Length * reader.Info.Width * reader.Info.Height * 3];
        reader.Read(frames, null, reader.Info.Width, reader.Info.Height, rgb);
        return rgb;
    }

    private static (int ExitCode, string Output, string Error) Run(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, "", e.Message);
        }
    }

    private static string? FindFolder()
    {
        if (Environment.GetEnvironmentVariable("SIGMA_VIDEOS") is { Length: > 0 } named)
            return Directory.Exists(named) ? named : null;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at != null; at = at.Parent)
        {
            string beside = Path.Combine(at.FullName, "..", "shared", "videos");
            if (File.Exists(Path.Combine(at.FullName, "Sigma.slnx")))
                return Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
        }
        return null;
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;

// Scripts are made executable, which Windows does not know.
[assembly: UnsupportedOSPlatform("windows")]

namespace Sigma.Tests.Launcher;

/// <summary>
/// A folder that looks to the launcher like a clone of this repository, on a machine of our making:
/// the real scripts, sources of one line, and a PATH on which dotnet, dpkg-query, id, sudo and apt-get are scripts
/// that write down how they were called.
/// </summary>
internal sealed class LauncherFolder : IDisposable
{
    /// <summary>The packages the launcher asks for, as dpkg-query prints them when all are there.</summary>
    public static readonly string[] Packages =
    [
        "libavformat-dev", "libavcodec-dev", "libavfilter-dev", "libswscale-dev", "libavutil-dev",
        "libtorch-dev", "libopenblas0-pthread", "libgloo-dev", "cmake", "g++", "pkg-config",
    ];

    private readonly string _base = Directory.CreateTempSubdirectory("sigma launcher ").FullName;
    private string _system = "/usr/bin:/bin";

    public LauncherFolder()
    {
        Root = Path.Combine(_base, "a clone");
        foreach (var script in new[] { "sigma", "eng/test", ".ci/run", "bench/gpu" })
            Copy(script);
        foreach (var file in new[] { "src/Sigma.cs", "examples/Some.cs", "native/sigma.cpp", "Sigma.slnx", "global.json", "Directory.Build.props", ".editorconfig" })
            WriteSource(file, "");
        WriteSource("tests/Sigma.Tests/Some.cs", "[Trait(\"Category\", \"parity\")] [Trait(\"Category\", \"long\")]");
        Install(Packages);
        Fake("python3", "exit 1");
        Fake("id", "echo 1000");
        Fake("sudo", "exit 1");
        Fake("apt-get", "exit 1");
        Fake("dotnet", $$"""
            case $1 in
                --list-sdks) echo "10.0.100 [/nowhere]" ;;
                build) mkdir -p artifacts/bin/Sigma.Cli/release && touch artifacts/bin/Sigma.Cli/release/Sigma.Cli.dll ;;
                test) [[ $* =~ --results-directory\ (.*)\ --blame ]]
                      mkdir -p "${BASH_REMATCH[1]}" && cp "{{_base}}/run.trx" "${BASH_REMATCH[1]}/" ;;
                *) shift; printf '%s\n' "$PWD" "$@"; exit 7 ;;
            esac
            """);
    }

    /// <summary>Where the clone lies, in a path with spaces.</summary>
    public string Root { get; }

    /// <summary>How the named stand-in was called so far, a line a call.</summary>
    public string[] Calls(string tool) =>
        File.Exists(Path.Combine(_base, tool + ".calls")) ? File.ReadAllLines(Path.Combine(_base, tool + ".calls")) : [];

    /// <summary>Makes dpkg-query report exactly these packages as installed.</summary>
    public void Install(IEnumerable<string> packages) =>
        Fake("dpkg-query", string.Join('\n', packages.Select(package => $"echo '{package} installed'")) + "\nexit 1");

    /// <summary>Makes the next `dotnet test` leave these results.</summary>
    public void LeaveResults(string trx) => File.WriteAllText(Path.Combine(_base, "run.trx"), trx);

    /// <summary>Puts a script of this name first on the PATH.</summary>
    public void Fake(string tool, string script)
    {
        var path = Path.Combine(_base, "bin", tool);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/bash\nprintf '%s\\n' \"$*\" >>'{_base}/{tool}.calls'\n{script}\n");
        MakeExecutable(path);
    }

    /// <summary>Leaves a tool of the real machine off the PATH, and our stand-in for it too.</summary>
    public void Hide(string tool)
    {
        File.Delete(Path.Combine(_base, "bin", tool));
        _system = Path.Combine(_base, "usr-bin");
        Directory.CreateDirectory(_system);
        foreach (var file in Directory.EnumerateFiles("/usr/bin").Where(file => Path.GetFileName(file) != tool))
            File.CreateSymbolicLink(Path.Combine(_system, Path.GetFileName(file)), file);
    }

    /// <summary>Puts a script of this repository into the clone, as it is.</summary>
    public void Copy(string script)
    {
        var path = Path.Combine(Root, script);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(Path.Combine(RepositoryRoot(), script), path);
        MakeExecutable(path);
    }

    /// <summary>Writes a source file, dated after everything written before.</summary>
    public void WriteSource(string file, string text)
    {
        var path = Path.Combine(Root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Writes a script of this name into the clone.</summary>
    public void WriteProgram(string file, string script)
    {
        WriteSource(file, $"#!/bin/bash\n{script}\n");
        MakeExecutable(Path.Combine(Root, file));
    }

    /// <summary>Runs one of the clone's scripts from another folder, through a symbolic link if asked to.</summary>
    public (int Exit, string Output, string Error) Run(string script, string[] arguments, bool throughLink = false, string? libtorch = null)
    {
        var path = Path.Combine(Root, script);
        if (throughLink)
            path = File.CreateSymbolicLink(Path.Combine(_base, "link to sigma"), path).FullName;
        var start = new ProcessStartInfo("/bin/bash")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _base,
        };
        start.ArgumentList.Add(path);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["PATH"] = Path.Combine(_base, "bin") + ":" + _system;
        start.Environment["SIGMA_LIBTORCH"] = libtorch;
        start.Environment.Remove("DOTNET_ROOT");
        start.Environment["HOME"] = _base;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    public void Dispose() => Directory.Delete(_base, recursive: true);

    private static void MakeExecutable(string path) =>
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static string RepositoryRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}

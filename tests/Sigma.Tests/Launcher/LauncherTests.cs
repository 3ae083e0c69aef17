namespace Sigma.Tests.Launcher;

[Trait("Category", "launcher")]
public sealed class LauncherTests : IDisposable
{
    private readonly LauncherFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Arguments_folder_and_exit_code_pass_through_also_by_a_link_and_with_spaces()
    {
        var (exit, output, error) = _folder.Run("sigma", ["demo", "--out", "my runs/a  b", ""], throughLink: true);

        Assert.Equal(7, exit);
        Assert.Equal($"{Path.GetDirectoryName(_folder.Root)}\ndemo\n--out\nmy runs/a  b\n\n", output);
        Assert.Contains("building", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_build_runs_once_and_again_only_after_a_change()
    {
        int Builds() => _folder.Calls("dotnet").Count(call => call.StartsWith("build", StringComparison.Ordinal));

        _folder.Run("sigma", ["build"]);
        _folder.Run("sigma", ["doctor"]);
        Assert.Equal(1, Builds());

        _folder.WriteSource("native/media/new.cpp", "");
        _folder.Run("sigma", ["build"]);
        Assert.Equal(2, Builds());

        File.Delete(Path.Combine(_folder.Root, "native/media/new.cpp"));
        _folder.Run("sigma", ["build"]);
        Assert.Equal(3, Builds());
    }

    [Fact]
    public void Another_libtorch_means_another_build_and_no_package_for_it()
    {
        var libtorch = Path.Combine(_folder.Root, "libtorch");
        Directory.CreateDirectory(Path.Combine(libtorch, "lib"));
        _folder.Run("sigma", ["build"]);
        _folder.Install(LauncherFolder.Packages.Except(["libtorch-dev", "libgloo-dev", "libopenblas0-pthread"]));

        var (exit, _, _) = _folder.Run("sigma", ["build"], libtorch: libtorch);

        Assert.Equal(0, exit);
        Assert.Equal(2, _folder.Calls("dotnet").Count(call => call.StartsWith("build", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_libtorch_that_is_not_there_is_refused_by_name()
    {
        var (exit, output, error) = _folder.Run("sigma", ["doctor"], libtorch: "/no/such/torch");

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("SIGMA_LIBTORCH names /no/such/torch", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_build_shows_its_errors_ends_with_1_and_is_tried_again()
    {
        _folder.Fake("dotnet", "[[ $1 = --list-sdks ]] && { echo 10.0.100; exit; }; echo 'Some.cs(1,2): error CS1002: ; expected'; exit 1");

        _folder.Run("sigma", ["build"]);
        var (exit, output, error) = _folder.Run("sigma", ["demo"]);

        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("Some.cs(1,2): error CS1002: ; expected", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_right_to_install_it_prints_the_one_command_and_exits_2()
    {
        _folder.Install(LauncherFolder.Packages.Except(["libtorch-dev", "g++"]));

        var (exit, output, error) = _folder.Run("sigma", ["demo"]);

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("sudo apt-get update && sudo apt-get install -y libtorch-dev g++\n", error, StringComparison.Ordinal);
        Assert.Empty(_folder.Calls("apt-get"));
    }

    [Theory]
    [InlineData("0", "apt-get")]
    [InlineData("1000", "sudo")]
    public void With_the_right_to_it_says_what_it_installs_and_installs_it(string user, string tool)
    {
        _folder.Install(LauncherFolder.Packages.Except(["cmake", "libgloo-dev"]));
        _folder.Fake("id", "echo " + user);
        _folder.Fake("apt-get", "exit 0");
        _folder.Fake("sudo", "exit 0");

        var (exit, _, error) = _folder.Run("sigma", ["build"]);

        Assert.Equal(0, exit);
        Assert.Contains("installing through apt (a few minutes, once): libgloo-dev cmake\n", error, StringComparison.Ordinal);
        Assert.Matches("^(-n apt-get )?update", _folder.Calls(tool)[^2]);
        Assert.Matches("^(-n apt-get )?install .*libgloo-dev cmake$", _folder.Calls(tool)[^1]);
    }

    [Fact]
    public void An_apt_that_fails_ends_with_2()
    {
        _folder.Install([]);
        _folder.Fake("id", "echo 0");

        Assert.Equal(2, _folder.Run("sigma", ["demo"]).Exit);
    }

    [Fact]
    public void Without_apt_it_says_what_is_needed_and_exits_2()
    {
        _folder.Hide("apt-get");
        _folder.Fake("cmake", "");
        _folder.Fake("make", "");
        _folder.Fake("c++", "");
        _folder.Fake("pkg-config", "exit 1");

        var (exit, output, error) = _folder.Run("sigma", ["demo"]);

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("FFmpeg's development files", error, StringComparison.Ordinal);
        Assert.Contains("libtorch (an importable PyTorch", error, StringComparison.Ordinal);
        Assert.DoesNotContain("  cmake", error, StringComparison.Ordinal);

        _folder.Fake("pkg-config", "");
        _folder.Fake("python3", "");
        Assert.Equal(0, _folder.Run("sigma", ["build"]).Exit);
    }

    [Fact]
    public async Task Two_launchers_at_once_build_once()
    {
        // The build ends only when the other launcher has asked for the lock.
        _folder.Fake("flock", "exec /usr/bin/flock \"$@\"");
        _folder.Fake("dotnet", """
            [[ $1 = --list-sdks ]] && { echo 10.0.100; exit; }
            for ((i = 0; i < 600; i++)); do
                [[ $(grep -c -- '-n 9' ../flock.calls) = 2 ]] && break
                sleep 0.1
            done
            mkdir -p artifacts/bin/Sigma.Cli/release && touch artifacts/bin/Sigma.Cli/release/Sigma.Cli.dll
            """);

        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => _folder.Run("sigma", ["build"]))));

        Assert.All(runs, run => Assert.Equal(0, run.Exit));
        Assert.Single(_folder.Calls("dotnet"), call => call.StartsWith("build", StringComparison.Ordinal));
        Assert.Single(runs, run => run.Error.Contains("waiting for another build", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_the_sdk_it_says_where_to_get_it_and_exits_2()
    {
        _folder.Fake("dotnet", "echo '8.0.404 [/usr/share/dotnet/sdk]'");

        var (exit, output, error) = _folder.Run("sigma", ["demo"]);

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(".NET 10 SDK", error, StringComparison.Ordinal);
        Assert.Contains("https://dotnet.microsoft.com/download/dotnet/10.0", error, StringComparison.Ordinal);
    }
}

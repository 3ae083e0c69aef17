namespace Sigma.Tests.Launcher;

/// <summary>What <c>bench/stand_ins.py</c> puts where the published files import what a machine lacks.</summary>
[Trait("Category", "launcher")]
public sealed class StandInTests : IDisposable
{
    private readonly LauncherFolder _folder = new();

    public StandInTests()
    {
        _folder.Copy("bench/stand_ins.py");
        _folder.WriteSource("site/torch/__init__.py", "class nn:\n    class init:\n        trunc_normal_ = 'of torch'");
        foreach (var file in new[] { "engine_for_pretraining", "modeling_pretrain", "modeling_finetune", "attn_mask", "utils" })
            _folder.WriteSource($"code/{file}.py", "");
    }

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_module_that_is_missing_can_be_imported_and_not_called()
    {
        Published("import writer\nfrom board.sub import Writer", "published.Writer()");
        AssertFails("the published step calls board.sub.Writer, which is not installed");
    }

    [SkippableFact]
    public void A_name_that_the_installed_version_dropped_is_stood_in_for_and_its_neighbours_are_real()
    {
        _folder.WriteSource("site/timm/__init__.py", "");
        _folder.WriteSource("site/timm/optim/__init__.py", "");
        _folder.WriteSource("site/timm/optim/nadam.py", "class NAdamLegacy: pass\nclass Kept: pass");
        Published("from timm.optim.nadam import Nadam, Kept", "print(published.Kept().__class__.__name__)\npublished.Nadam()");
        Assert.Equal("Kept\n", AssertFails("the published step calls timm.optim.nadam.Nadam, which is not installed"));
    }

    [SkippableFact]
    public void What_a_step_does_use_works_without_einops_and_timm()
    {
        Published(
            "from einops import rearrange\nfrom timm.models.layers import to_2tuple, trunc_normal_",
            "print(published.rearrange.__doc__[:18], published.to_2tuple(3), published.trunc_normal_)");
        Assert.Equal((0, "einops' rearrange, (3, 3) of torch\n", ""), Run());
    }

    [SkippableFact]
    public void Imports_that_the_files_guard_themselves_are_left_to_them()
    {
        Published("try:\n    import apex\nexcept ImportError:\n    apex = None", "print(published.apex)");
        Assert.Equal((0, "None\n", ""), Run());
    }

    private void Published(string optimFactory, string use)
    {
        _folder.WriteSource("code/optim_factory.py", optimFactory);
        _folder.WriteSource("use.py", $"import sys\nimport stand_ins\nstand_ins.stand_in_for_missing('code')\nsys.path.append('code')\nimport optim_factory as published\n{use}\n");
    }

    private string AssertFails(string because)
    {
        var (exit, output, error) = Run();
        Assert.Equal(1, exit);
        Assert.EndsWith($"RuntimeError: {because}\n", error, StringComparison.Ordinal);
        return output;
    }

    private (int Exit, string Output, string Error) Run()
    {
        Skip.IfNot(File.Exists("/usr/bin/python3"), "there is no /usr/bin/python3");
        // -S: only what this folder holds counts as installed.
        _folder.WriteProgram("run", "cd \"${0%/*}\" && PYTHONPATH=bench:site exec /usr/bin/python3 -S use.py");
        return _folder.Run("run", []);
    }
}

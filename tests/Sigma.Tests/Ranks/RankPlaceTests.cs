using Sigma.Torch;

namespace Sigma.Tests.Ranks;

[Trait("Category", "ranks")]
public sealed class RankPlaceTests
{
    [Fact]
    public void The_names_that_torchrun_sets_are_read()
    {
        var place = Place(("RANK", "5"), ("WORLD_SIZE", "8"), ("LOCAL_RANK", "1"), ("MASTER_ADDR", "node07"), ("MASTER_PORT", "4711"));
        Assert.Equal(new RankPlace(5, 8, 1, "node07", 4711), place);
    }

    [Fact]
    public void The_names_that_srun_sets_are_read_and_two_jobs_take_two_ports()
    {
        var place = Place(("SLURM_PROCID", "3"), ("SLURM_NTASKS", "16"), ("SLURM_LOCALID", "3"), ("SLURM_JOB_NODELIST", "node[07-09,12],gpu1"), ("SLURM_JOB_ID", "1234567"));
        Assert.Equal(new RankPlace(3, 16, 3, "node07", 29500 + 567), place);
    }

    [Fact]
    public void The_port_that_torchruns_agent_listens_on_is_left_to_it() =>
        Assert.Equal(4712, Place(("RANK", "0"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "a"), ("MASTER_PORT", "4711"), ("TORCHELASTIC_USE_AGENT_STORE", "True"))!.Port);

    [Fact]
    public void Torchrun_goes_before_slurm() =>
        Assert.Equal(2, Place(("RANK", "0"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "a"), ("MASTER_PORT", "1"), ("SLURM_PROCID", "3"), ("SLURM_NTASKS", "16"))!.Size);

    [Theory]
    [InlineData("node01", "node01")]
    [InlineData("node01,node02", "node01")]
    [InlineData("node[001-128]", "node001")]
    [InlineData("node[7,9]", "node7")]
    [InlineData("rack[1-2]n[01-04].cluster", "rack1n01.cluster")]
    [InlineData("gpu-a-3", "gpu-a-3")]
    public void The_first_host_of_a_list_of_nodes_is_found(string list, string host) => Assert.Equal(host, RankPlace.FirstHost(list));

    [Fact]
    public void A_process_without_any_of_them_is_alone()
    {
        Assert.Null(Place());
        Assert.Null(Place(("SLURM_PROCID", "0"), ("SLURM_NTASKS", "1")));
    }

    [Theory]
    [InlineData("RANK", "8", "RANK is 8, but must be a whole number from 0 to 7")]
    [InlineData("RANK", "", "RANK is not set")]
    [InlineData("WORLD_SIZE", "many", "WORLD_SIZE is many")]
    [InlineData("MASTER_ADDR", "", "MASTER_ADDR is not set")]
    [InlineData("MASTER_PORT", "70000", "MASTER_PORT is 70000")]
    public void What_is_missing_or_wrong_is_named(string name, string value, string told)
    {
        var given = new Dictionary<string, string> { ["RANK"] = "5", ["WORLD_SIZE"] = "8", ["MASTER_ADDR"] = "node07", ["MASTER_PORT"] = "4711", [name] = value };
        Assert.Contains(told, Assert.Throws<ArgumentException>(() => RankPlace.From(given.GetValueOrDefault)).Message, StringComparison.Ordinal);
    }

    private static RankPlace? Place(params (string Name, string Value)[] variables) =>
        RankPlace.From(name => variables.FirstOrDefault(v => v.Name == name).Value);
}

using System.Text.Json;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Cli;

[Trait("Category", "checkpoints")]
public sealed class CheckpointCommandTests : IDisposable
{
    private readonly TinyRun files = new(videos: 0);
    private readonly string checkpoint;
    private readonly string weights;

    public CheckpointCommandTests()
    {
        // A run's folder as training leaves it, without the training.
        var recipe = Recipe.Load(files.Recipe);
        using var model = new MaskedVideoModel(recipe, 0, recipe.Seed);
        using var optimizer = new AdamW(ParameterGroups.Of(model, weightDecay: 0.05));
        var run = new RunFolder(files.In("run"));
        File.WriteAllText(run.Recipe, recipe.ToYaml());
        checkpoint = new CheckpointStore(run, 1).Save(3, model, optimizer, "recipe", "data");
        weights = Path.Combine(checkpoint, CheckpointStore.ModelFile);
    }

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("huggingface", "there")]
    [InlineData("published", "there.pth")]
    [InlineData("safetensors", "there.safetensors")]
    public void A_model_exported_and_imported_again_is_the_same_byte_for_byte(string format, string name)
    {
        Assert.Contains("optimizer.safetensors", Done("export", checkpoint, "--format", format, "--out", files.In(name)).Output, StringComparison.Ordinal);
        Done("import", files.In(name), "--out", files.In("back.safetensors"));
        Assert.Equal(File.ReadAllBytes(weights), File.ReadAllBytes(files.In("back.safetensors")));
        Assert.Empty(Directory.GetFileSystemEntries(files.In(""), "*.partial"));
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_by_the_next_and_what_a_living_one_works_on_is_not()
    {
        string[] folders = [files.In(".there.pth.1234.partial"), files.In(".there.pth.abcd.partial"), files.In(".other.pth.1234.partial")];
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "there.pth"), "half of it");
        }
        File.WriteAllText(Path.Combine(folders[0], ".running"), "");
        using (new FileStream(Path.Combine(folders[1], ".running"), FileMode.Create, FileAccess.Write, FileShare.None))
            Done("export", checkpoint, "--format", "published", "--out", files.In("there.pth"));
        Assert.Equal(folders[1..], folders.Where(Directory.Exists));
        Done("import", files.In("there.pth"), "--out", files.In("back.safetensors"));
        Assert.Equal(File.ReadAllBytes(weights), File.ReadAllBytes(files.In("back.safetensors")));
    }

    [Fact]
    public void The_configuration_for_transformers_takes_from_the_run_s_recipe_what_the_weights_do_not_tell()
    {
        // The folder around it is made too.
        Done("export", checkpoint, "--format", "huggingface", "--out", files.In("new/there"));
        var config = JsonDocument.Parse(File.ReadAllText(files.In("new/there/config.json"))).RootElement;
        Assert.Equal("VideoMAEForPreTraining", config.GetProperty("architectures")[0].GetString());
        Assert.Equal(
            (2, 2, 32, 4),
            (config.GetProperty("num_attention_heads").GetInt32(), config.GetProperty("decoder_num_attention_heads").GetInt32(),
            config.GetProperty("image_size").GetInt32(), config.GetProperty("num_frames").GetInt32()));
    }

    [Fact]
    public void The_best_weights_of_a_run_are_told_by_its_recipe_too()
    {
        Directory.CreateDirectory(files.In("run/best"));
        File.Copy(weights, files.In("run/best/model.safetensors"));
        Done("export", files.In("run/best"), "--format", "huggingface", "--out", files.In("there"));
        Assert.Contains("\"num_attention_heads\": 2", File.ReadAllText(files.In("there/config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_encoder_alone_lists_all_that_stays_behind()
    {
        var outcome = Done("export", checkpoint, "--format", "huggingface", "--encoder-only", "--out", files.In("there"));
        Assert.Contains("prototypes: has no place", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("decoder.head.weight: has no place", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("VideoMAEModel", File.ReadAllText(files.In("there/config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_is_shown_with_its_sizes_and_tensors()
    {
        var facts = files.In("facts.json");
        Assert.Contains("encoder 32 × 1", Done("show", checkpoint, "--json", facts).Output, StringComparison.Ordinal);
        var shown = JsonDocument.Parse(File.ReadAllText(facts)).RootElement;
        Assert.Equal("Pretraining", shown.GetProperty("scheme").GetString());
        Assert.Equal(12, shown.GetProperty("sizes").GetProperty("prototypes").GetInt64());
        var tensor = shown.GetProperty("tensors").EnumerateArray().First(t => t.GetProperty("name").GetString() == "encoder.patch_embed.proj.weight");
        Assert.Equal([32, 3, 2, 8, 8], tensor.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64()));
    }

    [Fact]
    public void What_exists_is_not_overwritten()
    {
        File.WriteAllText(files.In("mine.safetensors"), "mine");
        Refused("exists already", "import", weights, "--out", files.In("mine.safetensors"));
        Assert.Equal("mine", File.ReadAllText(files.In("mine.safetensors")));
    }

    [Fact]
    public void Heads_that_nothing_tells_are_asked_for_and_heads_that_do_not_fit_refused()
    {
        File.Copy(weights, files.In("alone.safetensors"));
        string[] export = ["export", files.In("alone.safetensors"), "--format", "huggingface", "--out", files.In("there")];
        Refused("--heads", export);
        Refused("--decoder-heads", [.. export, "--heads", "2"]);
        Refused("must divide", [.. export, "--heads", "5", "--decoder-heads", "2"]);
        Assert.False(Directory.Exists(files.In("there")));
        Done([.. export, "--heads", "2", "--decoder-heads", "2", "--image-size", "32", "--frames", "4"]);
    }

    [Fact]
    public void Bad_files_are_refused_with_what_is_wrong()
    {
        Refused("no such file", "show", files.In("nothing.pth"));
        Refused("of no known kind", "show", files.Recipe);
        File.WriteAllBytes(files.In("torn.safetensors"), File.ReadAllBytes(weights)[..^100]);
        Refused("torn.safetensors", "show", files.In("torn.safetensors"));
        Refused("cannot be written", "import", weights, "--out", Path.Combine(weights, "inside/a.safetensors"));
        Refused("belongs to --format huggingface", "export", weights, "--format", "published", "--heads", "2", "--out", files.In("a.pth"));
    }

    private static Program.Outcome Done(params string[] arguments)
    {
        var outcome = Program.Run(["checkpoint", .. arguments]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        return outcome;
    }

    private static void Refused(string told, params string[] arguments)
    {
        var outcome = Program.Run(["checkpoint", .. arguments]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Sigma", outcome.Errors, StringComparison.Ordinal);
    }
}

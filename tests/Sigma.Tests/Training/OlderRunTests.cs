using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Recipes;
using Sigma.Training;

namespace Sigma.Tests.Training;

/// <summary>Runs that began when a recipe did not have all of today's keys.</summary>
[Trait("Category", "training")]
public sealed class OlderRunTests : IDisposable
{
    // As if these had come later: one in the middle of a section, one at its end, and a section of its own.
    private static readonly string[] Newer = ["  starts: null", "  placement: peak", "health:", "  onCollapse: warn"];

    private readonly TinyRun files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void A_run_that_began_before_a_key_existed_goes_on_to_the_same_bytes()
    {
        Train("whole", maxSteps: 4);
        Train("run", maxSteps: 2);
        MakeOlder("run");
        using var log = new StringWriter();
        Train("run", maxSteps: 3, log);
        Assert.Contains("the run began before a recipe had clip.starts, mask.placement, health.onCollapse: they have their defaults", log.ToString(), StringComparison.Ordinal);
        Assert.Contains("continuing from step-000002", log.ToString(), StringComparison.Ordinal);
        // From now on it is one of today's.
        Assert.Contains(Newer[0], File.ReadAllText(files.In("run/recipe.yaml")), StringComparison.Ordinal);
        using var again = new StringWriter();
        Train("run", maxSteps: 4, again);
        Assert.DoesNotContain("began before", again.ToString(), StringComparison.Ordinal);
        Assert.Equal(Weights("whole"), Weights("run"));
    }

    [Fact]
    public void It_goes_on_even_where_the_first_try_was_killed_before_it_saved()
    {
        Train("run", maxSteps: 2);
        MakeOlder("run");
        Train("run", maxSteps: 2); // nothing to do, nothing saved, but recipe.yaml has all keys
        Train("run", maxSteps: 3);
    }

    [Theory]
    [InlineData("clip.starts=4", "clip.starts unknown there, 4 here")] // it was drawn from anywhere then
    [InlineData("optimizer.lr=1", "optimizer.lr")]
    public void With_another_value_than_the_default_it_is_another_recipe(string set, string told)
    {
        Train("run", maxSteps: 2);
        MakeOlder("run");
        Assert.Contains(told, Assert.Throws<BadInputException>(() => Train("run", maxSteps: 3, null, set)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_recipe_yaml_says_does_not_count_where_the_checkpoint_says_otherwise()
    {
        Train("run", maxSteps: 2);
        MakeOlder("run");
        var recipe = files.In("run/recipe.yaml");
        File.WriteAllText(recipe, File.ReadAllText(recipe).Replace("temperature: 0.1", "temperature: 0.2", StringComparison.Ordinal));
        Assert.Contains("another recipe", Assert.Throws<BadInputException>(() => Train("run", maxSteps: 3, null, "objective.temperature=0.2")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_keys_are_missing_the_hash_is_that_of_the_text_without_them()
    {
        var path = files.In("older.yaml");
        foreach (var (yaml, known) in new (string, RecipeIdentity)[]
        {
            (new Recipe { Seed = 7 }.ToYaml(), RecipeIdentity.Of(new Recipe { Seed = 7 }, null)),
            (new FineTuneRecipe { Seed = 7 }.ToYaml(), RecipeIdentity.Of(new FineTuneRecipe { Seed = 7 })),
        })
        {
            var lines = yaml.Split('\n');
            int[] keys = [.. Enumerable.Range(0, lines.Length).Where(i => lines[i].StartsWith("  ", StringComparison.Ordinal))];
            Prop.ForAll(Gen.Elements(keys).NonEmptyListOf().ToArbitrary(), gone =>
            {
                var older = Without(lines, gone);
                File.WriteAllText(path, older);
                return known.WithoutKeysMissingIn(path, out var newer) == Hash(older) && newer.Count == gone.Distinct().Count();
            }).QuickCheckThrowOnFailure();
        }
    }

    /// <summary>The lines that are left, without sections that have none.</summary>
    private static string Without(string[] lines, IEnumerable<int> gone)
    {
        var left = lines.Where((_, i) => !gone.Contains(i)).ToList();
        return string.Join('\n', left.Where((line, i) =>
            line.EndsWith(':') is false || (i + 1 < left.Count && left[i + 1].StartsWith("  ", StringComparison.Ordinal))));
    }

    /// <summary>Takes keys out of a run's recipe and of the hash in its checkpoints, as a version without them would have left it.</summary>
    private void MakeOlder(string name)
    {
        string Older(string yaml) => string.Join('\n', yaml.Split('\n').Where(line => !Newer.Contains(line)));
        var recipe = Recipe.Load(files.Recipe);
        var computed = recipe with { Checkpoint = new(), Data = new(), Health = new() };
        File.WriteAllText(files.In($"{name}/recipe.yaml"), Older(recipe.ToYaml()));
        foreach (var state in Directory.GetFiles(files.In(name), "state.json", SearchOption.AllDirectories))
            File.WriteAllText(state, File.ReadAllText(state).Replace(Hash(computed.ToYaml()), Hash(Older(computed.ToYaml())), StringComparison.Ordinal));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private byte[] Weights(string name) => File.ReadAllBytes(files.In($"{name}/checkpoints/step-000004/model.safetensors"));

    private void Train(string name, long maxSteps, TextWriter? progress = null, params string[] overrides)
    {
        using var pretrainer = new Pretrainer(new PretrainOptions
        {
            Recipe = Recipe.Load(files.Recipe, overrides),
            Data = files.Data,
            Out = files.In(name),
            Resume = true,
            MaxSteps = maxSteps,
            Progress = progress ?? TextWriter.Null,
        });
        pretrainer.Train(default);
    }
}

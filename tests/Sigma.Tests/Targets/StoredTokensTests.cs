using Sigma.Data;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Targets;

[Trait("Category", "targets")]
public sealed class StoredTokensTests : IDisposable
{
    private readonly TinyRun files = new(videos: 6);
    private readonly string teacher;

    public StoredTokensTests() => teacher = RandomTeacher.Save(files.In("teacher.safetensors"), 8, 4);

    private string Tokens => files.Data + ".tokens";

    [Fact]
    public void Training_on_stored_tokens_is_training_with_the_teacher_but_for_half_precision()
    {
        // Whole assignments: a label of an untrained model turns on less than the rounding.
        var with = Train("with", "objective.storedTokens=false", "objective.assignment=soft");
        Teach();
        var stored = Train("stored", "objective.teacher=null", "objective.assignment=soft");
        Assert.Equal(with.Length, stored.Length);
        for (var i = 0; i < with.Length; i++)
            Assert.Equal(with[i], stored[i], 0.005);
        Assert.NotEqual(with, stored);
    }

    [Fact]
    public void The_tokens_of_a_clip_are_those_the_teacher_gives_for_it()
    {
        Teach();
        var recipe = Load();
        var manifest = Manifest.Load(files.Data);
        using var scope = new TensorScope();
        using var live = new TeacherTarget(recipe, Device.Cpu);
        using var loader = new ClipLoader(manifest, recipe, stored: StoredTokens.Beside(files.Data, manifest, recipe));
        using var batch = loader.Next(CancellationToken.None);
        var expected = live.Tokens(batch.Clips).ToArray<float>();
        Assert.Equal(expected.Select(v => (float)(Half)v), batch.Tokens!.ToArray<float>());
    }

    [Fact]
    public void What_is_taught_stays_and_a_second_call_makes_what_is_missing()
    {
        File.WriteAllText(Path.Combine(files.Data, "broken.mp4"), "no video");
        var first = new TokenMaker(Load(), files.Data, Device.Cpu);
        Assert.Equal(6, first.Run((_, _) => { }, CancellationToken.None).Taught);
        Assert.EndsWith("broken.mp4", Assert.Single(first.Unreadable.List).Path, StringComparison.Ordinal);
        var one = Directory.GetFiles(Tokens, "*.safetensors", SearchOption.AllDirectories).Order().ElementAt(2);
        var bytes = File.ReadAllBytes(one);
        File.Delete(one);
        Assert.Equal(1, Teach());
        Assert.Equal(bytes, File.ReadAllBytes(one));
    }

    [Theory]
    [InlineData("clip.crop=multi-scale", "--set clip.crop=resize")]
    [InlineData("clip.flip=true", "--set clip.flip=false")]
    [InlineData("clip.greyScale=0.2", "--set clip.greyScale=0")]
    [InlineData("clip.starts=null", "--set clip.starts=4")]
    public void An_augmentation_that_changes_what_the_teacher_sees_is_refused_with_the_remedy(string setting, string remedy)
    {
        Assert.Contains(remedy, Assert.Throws<BadInputException>(() => Teach(setting)).Message, StringComparison.Ordinal);
        Teach();
        var refusal = Assert.Throws<BadInputException>(() => Train("run", setting)).Message;
        Assert.Contains(remedy, refusal, StringComparison.Ordinal);
        Assert.Contains("--set objective.storedTokens=false", refusal, StringComparison.Ordinal);
        Assert.Single(Train("run", setting, "objective.storedTokens=false", "optimizer.steps=1"));
    }

    [Fact]
    public void Tokens_of_other_clips_another_teacher_or_other_videos_are_refused()
    {
        Teach();
        Assert.Contains("other clips", Assert.Throws<BadInputException>(() => Train("run", "clip.stride=1")).Message, StringComparison.Ordinal);
        var other = RandomTeacher.Save(files.In("other.safetensors"), 8, 7);
        Assert.Contains("another teacher", Assert.Throws<BadInputException>(() => Train("run", $"objective.teacher={other}")).Message, StringComparison.Ordinal);
        Assert.Contains("tokens of another teacher, other clips", Assert.Throws<BadInputException>(() => Teach("clip.starts=3")).Message, StringComparison.Ordinal);
        TinyRun.Render(Path.Combine(files.Data, "one more.mp4"), 77);
        Assert.Contains("another list of videos", Assert.Throws<BadInputException>(() => Train("run")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_of_tokens_is_named()
    {
        Teach();
        foreach (var file in Directory.GetFiles(Tokens, "*.safetensors", SearchOption.AllDirectories))
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^100]);
        Assert.Contains("remove the file and run `sigma data teach` again", Assert.Throws<BadInputException>(() => Train("run")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => files.Dispose();

    private Recipe Load(params string[] overrides) => Recipe.Load(files.Recipe,
        ["objective.target=dino-v1", $"objective.teacher={teacher}", "clip.crop=resize", "clip.starts=2", "optimizer.steps=4", .. overrides]);

    private int Teach(params string[] overrides) =>
        new TokenMaker(Load(overrides), files.Data, Device.Cpu).Run((_, _) => { }, CancellationToken.None).Taught;

    private double[] Train(string name, params string[] overrides)
    {
        using var pretrainer = new Pretrainer(new PretrainOptions { Recipe = Load(overrides), Data = files.Data, Out = files.In(name) });
        pretrainer.Train(CancellationToken.None);
        return [.. MetricsFile.Read(files.In($"{name}/metrics.jsonl")).Select(m => m.Loss)];
    }
}

using System.Security.Cryptography;
using Sigma.Data.Synthesis;
using Sigma.Media;

namespace Sigma.Tests.Data.Synthesis;

[Trait("Category", "data")]
public sealed class SynthesisSetTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sigma-synth-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static TheoryData<string> Presets => [.. SynthesisPreset.All.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Presets))]
    public void The_same_seed_writes_the_same_bytes(string preset)
    {
        Assert.Equal(Contents(Write(preset, "one", seed: 7)), Contents(Write(preset, "two", seed: 7)));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Another_seed_writes_other_clips(string preset)
    {
        var (one, two) = (Contents(Write(preset, "one", seed: 7)), Contents(Write(preset, "two", seed: 8)));
        Assert.Equal(one.Keys, two.Keys);
        Assert.All(one.Keys.Where(name => name.EndsWith(".mp4", StringComparison.Ordinal)), name => Assert.NotEqual(one[name], two[name]));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_clip_does_not_depend_on_how_many_are_rendered(string preset)
    {
        var named = SynthesisPreset.Named(preset);
        var alone = named.Render(3, SynthesisPart.Train, 5).First();
        Assert.Equal(alone, Enumerable.Range(0, 6).Select(index => named.Render(3, SynthesisPart.Train, index).First()).Last());
        Assert.NotEqual(alone, named.Render(3, SynthesisPart.Val, 5).First());
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Every_listed_clip_loads_back_with_all_its_frames(string preset)
    {
        var folder = Write(preset, "set", seed: 0);
        var named = SynthesisPreset.Named(preset);
        foreach (var line in File.ReadLines(Path.Combine(folder, "val.txt")))
        {
            using var video = VideoReader.Open(Path.Combine(folder, line.Split(' ')[0]));
            Assert.Equal(named.Frames, video.CountFrames());
            Assert.Equal((named.Size, named.Size), (video.Info.Width, video.Info.Height));
        }
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void What_was_written_looks_like_what_was_rendered(string preset)
    {
        var folder = Write(preset, "set", seed: 0);
        var named = SynthesisPreset.Named(preset);
        using var video = VideoReader.Open(Path.Combine(folder, File.ReadLines(Path.Combine(folder, "train.txt")).First().Split(' ')[0]));
        var read = new byte[named.Size * named.Size * 3];
        video.Read([named.Frames - 1], null, named.Size, named.Size, read);
        var rendered = named.Render(0, SynthesisPart.Train, 0).Last();
        // Chroma at half the resolution costs the sharp edges between two colours; the picture as a whole stays.
        Assert.InRange(read.Zip(rendered, (a, b) => Math.Abs(a - b)).Average(), 0, 20);
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Classes_are_balanced_and_folders_and_lists_agree(string preset)
    {
        var named = SynthesisPreset.Named(preset);
        var folder = Write(preset, "set", seed: 0, clips: 3 * named.Classes.Count);
        foreach (var (part, each) in new[] { ("train", 3), ("val", 1) })
        {
            var lines = File.ReadAllLines(Path.Combine(folder, part + ".txt")).Select(line => line.Split(' ')).ToList();
            Assert.All(lines, line => Assert.Equal(Path.GetFileName(Path.GetDirectoryName(line[0])), named.Classes[int.Parse(line[1])]));
            Assert.All(lines.CountBy(line => line[1]), count => Assert.Equal(each, count.Value));
            var files = Directory.EnumerateFiles(Path.Combine(folder, part), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path));
            Assert.Equal(lines.Select(line => line[0]).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        }
        Assert.Equal(named.Classes.Order(StringComparer.Ordinal), named.Classes);
    }

    [Fact]
    public void The_demo_has_at_least_400_clips_to_try_out_on() =>
        Assert.InRange(new SynthesisSet(SynthesisPreset.Demo, SynthesisPreset.Demo.Clips, 0).ValidationClips, 400, int.MaxValue);

    [Fact]
    public void An_earlier_set_is_replaced()
    {
        var folder = Write("demo", "set", seed: 1, clips: 24);
        Write("motion-8", "set", seed: 1, clips: 8);
        Assert.Equal(Contents(Write("motion-8", "fresh", seed: 1, clips: 8)), Contents(folder));
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("train.txt")]
    [InlineData("train/dots/holiday.mp4")]
    [InlineData("train/dots/dots-0001.mp4")]
    public void A_folder_that_holds_something_else_is_refused_and_left_alone(string name)
    {
        var file = Path.Combine(_root, "mine", name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "mine");
        var refusal = Assert.Throws<BadInputException>(() => Write("demo", "mine", seed: 0));
        Assert.Contains("which is no part of a rendered set", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [Fact]
    public void A_set_with_a_file_of_ones_own_in_it_is_refused_by_the_name_of_that_file()
    {
        var own = Path.Combine(Write("demo", "set", seed: 0), "val", "dots", "dots-0001.txt");
        File.WriteAllText(own, "mine");
        Assert.Contains("val/dots/dots-0001.txt", Assert.Throws<BadInputException>(() => Write("demo", "set", seed: 0)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(own));
    }

    [Fact]
    public void A_file_in_place_of_the_folder_is_refused()
    {
        File.WriteAllText(Path.Combine(_root, "set"), "");
        Assert.Contains("is a file", Assert.Throws<BadInputException>(() => Write("demo", "set", seed: 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_that_was_interrupted_can_be_begun_again()
    {
        using var stop = new CancellationTokenSource();
        var folder = Path.Combine(_root, "set");
        Assert.Throws<OperationCanceledException>(() =>
            new SynthesisSet(SynthesisPreset.MotionEight, 80, 0).Write(folder, _ => stop.Cancel(), stop.Token));
        Assert.False(File.Exists(Path.Combine(folder, "train.txt")));
        File.WriteAllText(Path.Combine(folder, "train.txt.abcdefgh.ijk.partial"), "left by a program that was killed");
        Write("motion-8", "set", seed: 0, clips: 8);
    }

    [Fact]
    public void An_unknown_preset_is_refused_with_those_that_exist() =>
        Assert.Contains("presets are motion-8 and demo", Assert.Throws<BadInputException>(() => SynthesisPreset.Named("motion")).Message, StringComparison.Ordinal);

    [Fact]
    public void Fewer_clips_than_classes_are_refused() =>
        Assert.Contains("8 classes", Assert.Throws<BadInputException>(() => new SynthesisSet(SynthesisPreset.MotionEight, 7, 0)).Message, StringComparison.Ordinal);

    private string Write(string preset, string name, long seed, int clips = 10)
    {
        var folder = Path.Combine(_root, name);
        new SynthesisSet(SynthesisPreset.Named(preset), clips, seed).Write(folder);
        return folder;
    }

    private static SortedDictionary<string, string> Contents(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))),
        StringComparer.Ordinal);
}

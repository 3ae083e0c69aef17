using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Data.Packing;
using Sigma.Data.Sets;
using Sigma.Evaluation.Frozen;
using Sigma.Media;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Tests.Checkpoints;
using Sigma.Tests.Data;
using Sigma.Tests.Media;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests;

/// <summary>
/// Files of every kind that the program reads besides videos and checkpoints from elsewhere, damaged at random or made to
/// mislead: each is read, or refused with its name, and nothing else happens.
/// </summary>
public sealed class DamagedFileTests : IDisposable
{
    private const long MostBytes = 64 << 20; // that a small damaged file may make its reader allocate

    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    [Trait("Category", "torch")]
    public void Any_damage_to_a_safetensors_file_is_read_or_refused_with_its_name()
    {
        var path = files["a.safetensors"];
        using (var scope = new TensorScope())
            SafetensorsFile.Write(path, [("weight", F.Ones([3, 5])), ("half", F.To(F.Ones([7]), ScalarType.Float16)), ("none", F.Zeros([0, 4]))], new Dictionary<string, string> { ["kind"] = "test" });
        Damage(path, 400, () =>
        {
            using var scope = new TensorScope();
            using var file = SafetensorsFile.Open(path);
            file.ReadAll();
        }, failure => failure is InvalidDataException);
    }

    [Theory]
    [Trait("Category", "torch")]
    [InlineData("[0,4611686018427387904,4]")]
    [InlineData("[4611686018427387904,4,0]")]
    [InlineData("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0]")]
    public void A_tensor_of_no_bytes_may_not_have_any_shape(string shape)
    {
        var header = Encoding.UTF8.GetBytes($"{{\"a\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[0,0]}}}}");
        File.WriteAllBytes(files["a.safetensors"], [.. BitConverter.GetBytes((long)header.Length), .. header]);
        Assert.Contains(files["a.safetensors"], Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(files["a.safetensors"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Category", "data")]
    [InlineData("list.txt", "\"a folder/b.mp4\" 0\nc.mp4\t12\n# a comment\nd.mp4 3\n")]
    [InlineData("list.csv", "path,label\n\"a, \"\"b\"\".mp4\",jump\nc.mp4,run\n")]
    public void Any_damage_to_a_list_of_videos_is_read_or_refused_with_its_name(string name, string text)
    {
        var path = files.WriteText(name, text);
        Damage(path, 400, () => Manifest.Load(path, labels: true), failure => failure is ManifestException);
    }

    [Fact]
    [Trait("Category", "data")]
    public void Annotations_whose_text_is_no_Unicode_are_refused_with_their_line()
    {
        var path = files.WriteText("labels.json", "[{\"id\": \"1\"},\n{\"id\": \"\\ud800\"}]");
        var refusal = Assert.Throws<ManifestException>(() => AnnotationFile.Records(path, record => AnnotationFile.Text(record, "id")));
        Assert.Equal(2, Assert.Single(refusal.Problems).Line);
        path = files.WriteText("classes.json", "{\"\\ud800\": 1}");
        Assert.Contains(path, Assert.Throws<ManifestException>(() => AnnotationFile.Members(path, (_, _) => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "recipes")]
    public void Any_damage_to_the_bytes_of_a_recipe_is_read_or_refused_with_its_name()
    {
        var path = files.WriteText("recipe.yaml", new Recipe().ToYaml());
        Damage(path, 300, () => Recipe.Load(path), failure => failure is RecipeException);
    }

    [Theory]
    [Trait("Category", "recipes")]
    [InlineData("%YAML 99999999999999999999.1\n---\nseed: 1\n")]
    [InlineData("seed: \"\\U7fffffff\"\n")]
    [InlineData("? [\n: ]\n")]
    [InlineData("%TAG ! tag:\n%TAG ! tag:\n---\nseed: !!int 1\n")]
    [InlineData("extends: /dev/zero\n")]
    public void Text_that_only_looks_like_a_recipe_is_refused(string text)
    {
        var path = files.WriteText("recipe.yaml", text);
        Assert.NotEmpty(Assert.Throws<RecipeException>(() => Recipe.Load(path)).Problems);
    }

    [Theory]
    [Trait("Category", "recipes")]
    [InlineData('[')]
    [InlineData('{')]
    [InlineData('-')]
    public void A_recipe_of_nothing_but_brackets_is_refused(char bracket)
    {
        var path = files.WriteText("recipe.yaml", "seed: " + string.Concat(Enumerable.Repeat($"{bracket} ", 20_000)));
        Assert.NotEmpty(Assert.Throws<RecipeException>(() => Recipe.Load(path)).Problems);
    }

    [SkippableFact]
    [Trait("Category", "data")]
    public void Any_damage_to_a_packed_set_is_read_or_refused_with_its_name()
    {
        var set = Pack();
        foreach (var path in Directory.GetFiles(set))
        {
            Damage(path, 80, () =>
            {
                var manifest = Manifest.Load(set, labels: true);
                for (var i = 0; i < Math.Min(manifest.Count, 4); i++)
                    Read(manifest[i]);
            }, failure => failure is ManifestException or MediaException, set);
        }
    }

    [SkippableTheory]
    [Trait("Category", "data")]
    [InlineData("9223372036854775807\t1\ta\tb.mp4")] // their sum is negative
    [InlineData("99999999999999999999\t1\ta\tb.mp4")]
    [InlineData("0\t-1\ta\tb.mp4")]
    [InlineData("0\t0\ta\tb.mp4")]
    [InlineData("0\t512\t\tb.mp4")] // no label
    [InlineData("0\t512\ta")]
    public void A_shard_whose_list_makes_no_sense_is_refused(string line)
    {
        var set = Pack();
        var list = Path.Combine(set, "shard-00000.tsv");
        File.WriteAllText(list, line + "\n" + string.Join('\n', File.ReadLines(list).Skip(1)) + "\n");
        Assert.Contains("shard-00000.tsv", Assert.Throws<ManifestException>(() => Manifest.Load(set, labels: true)).Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [Trait("Category", "data")]
    [InlineData("\"shard-00000\"", "\"../../elsewhere\"")]
    [InlineData("\"shard-00000\"", "\"a\\u0000b\"")]
    [InlineData("\"shard-00000\"", "null")]
    [InlineData("\"end\": 2", "\"end\": -2")]
    [InlineData("\"end\": 2", "\"end\": 3")]
    [InlineData("\"unreadable\": []", "\"unreadable\": [null]")]
    [InlineData("\"unreadable\": []", "\"unreadable\": null")]
    public void A_packed_set_that_describes_itself_wrongly_is_refused(string right, string wrong)
    {
        var set = Pack();
        var path = Path.Combine(set, "packed.json");
        var text = File.ReadAllText(path);
        Assert.Contains(right, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(right, wrong, StringComparison.Ordinal));
        Assert.Contains("packed.json is damaged", Assert.Throws<ManifestException>(() => Manifest.Load(set)).Message, StringComparison.Ordinal);
        Assert.Contains("packed.json is damaged", Assert.Throws<BadInputException>(() => new DataPacker(files["source"], set, new())).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "media")]
    public void Any_damage_to_a_mask_is_read_or_refused_with_its_name()
    {
        var path = files["mask.png"];
        new MaskImage(33, 17, [.. Enumerable.Range(0, 33 * 17).Select(i => (byte)(i % 5))]).Write(path);
        Damage(path, 400, () => Assert.Equal(33 * 17, MaskImage.Read(path).Numbers.Length), failure => failure is MediaException);
    }

    [Fact]
    [Trait("Category", "media")]
    public void A_mask_with_a_flipped_bit_is_refused_and_not_guessed()
    {
        var path = files["mask.png"];
        new MaskImage(64, 64, [.. Enumerable.Range(0, 64 * 64).Select(i => (byte)(i / 64 % 3))]).Write(path);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf("IDAT"u8) + 12] ^= 4;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("mask.png", Assert.Throws<MediaException>(() => MaskImage.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "evaluation")]
    public void Any_damage_to_kept_features_makes_them_absent_or_leaves_them_as_they_were()
    {
        var path = files["00000.safetensors"];
        using (var scope = new TensorScope())
            FeatureShard.Write(path, "key", F.Ones([6, 4]), Tensor.From([3L, 4L, 5L]));
        FeatureShard? Open() => FeatureShard.TryOpen(path, "key", views: 2, bytes: 32, first: 3, end: 6);
        Damage(path, 300, () =>
        {
            using var shard = Open();
            var row = new byte[16];
            shard?.Read(5, row);
            Assert.True(shard is null || shard.Samples is [3, 4, 5]);
        }, _ => false);
        using (var scope = new TensorScope())
            FeatureShard.Write(path, "key", F.Ones([6, 4]), Tensor.From([3L, 4L, 6L]));
        Assert.Null(Open()); // of another stretch of the list
    }

    [Fact]
    [Trait("Category", "targets")]
    public void Any_damage_to_stored_tokens_is_refused_with_the_name_of_the_file()
    {
        var facts = new StoredTokensFacts("teacher", TargetKind.DinoV1, "clips", "videos", Starts: 2, Tubes: 3, Width: 4);
        var stored = StoredTokens.Make(files["tokens"], facts);
        using (var scope = new TensorScope())
            stored.Write(0, F.To(F.Ones([2, 3, 4]), ScalarType.Float16));
        foreach (var path in Directory.GetFiles(files["tokens"], "*", SearchOption.AllDirectories))
            Damage(path, 200, () => StoredTokens.Make(files["tokens"], facts).Read(0, 1, new byte[24]), failure => failure is BadInputException, files["tokens"]);
    }

    [Theory]
    [Trait("Category", "checkpoints")]
    [InlineData("{\"step\":1,\"recipe\":\"r\",\"data\":\"d\",\"bytes\":{\"a\\u0000\":1}}")]
    [InlineData("{\"step\":1,\"recipe\":\"r\",\"data\":\"d\",\"bytes\":{\"../state.json\":1}}")]
    [InlineData("{\"step\":1,\"recipe\":\"r\",\"data\":\"d\",\"bytes\":{}}")]
    [InlineData("{\"step\":1,\"bytes\":{\"model.safetensors\":0,\"optimizer.safetensors\":0}}")]
    [InlineData("{\"step\":1,\"recipe\":\"\\ud800\",\"data\":\"d\",\"bytes\":{}}")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_checkpoint_that_describes_itself_wrongly_is_not_taken_for_one(string state)
    {
        files.WriteText("step-000001/model.safetensors", "");
        files.WriteText("step-000001/optimizer.safetensors", "");
        files.WriteText("step-000001/state.json", state);
        Assert.Null(CheckpointStore.NewestIn(files.Folder));
    }

    [SkippableFact]
    [Trait("Category", "data")]
    public void A_video_of_strips_is_unreadable_before_it_takes_any_room()
    {
        var path = MediaFiles.Made("strip.mkv", "-vf scale=4000:2 -c:v ffv1 -frames:v 3");
        Assert.Contains("strips", Assert.Throws<MediaException>(() => ClipReader.Open(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>Two labelled videos in a shard.</summary>
    private string Pack()
    {
        Skip.IfNot(MediaEngine.HasH264Encoder, "this FFmpeg has no libx264");
        files.Render("source/walk/a.mp4", 9);
        files.Render("source/run/b.mp4", 9);
        new DataPacker(files["source"], files["set"], new() { ShortSide = 32 }).Pack(_ => { }, default);
        return files["set"];
    }

    private static void Read(ManifestEntry entry)
    {
        using var video = ClipReader.Open(entry);
        video.Read(count => FrameSampling.Pretraining(count, 4, 2, 0), null, 16, new byte[4 * 16 * 16 * 3], new MotionVectors());
    }

    /// <summary>Tries a reader on many damaged versions of a file, which is whole again afterwards.</summary>
    /// <param name="path">the file</param>
    /// <param name="count">how many</param>
    /// <param name="read">reads it</param>
    /// <param name="isRefusal">whether that is how it may be refused</param>
    /// <param name="named">what the message of a refusal must name; null for the file</param>
    private static void Damage(string path, int count, Action read, Func<Exception, bool> isRefusal, string? named = null)
    {
        var whole = File.ReadAllBytes(path);
        read();
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            File.WriteAllBytes(path, Mutation.Of(whole, whole, new Random(seed)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read();
            }
            catch (Exception refusal) when (isRefusal(refusal))
            {
                Assert.Contains(named ?? path, refusal.Message, StringComparison.Ordinal);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(count));
        File.WriteAllBytes(path, whole);
    }
}

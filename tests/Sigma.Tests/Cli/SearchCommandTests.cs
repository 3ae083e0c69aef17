using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Evaluation.Frozen;
using Sigma.Tests.Evaluation.Frozen;
using Sigma.Torch;

namespace Sigma.Tests.Cli;

[Trait("Category", "evaluation")]
public sealed class SearchCommandTests : IDisposable
{
    private readonly FrozenRun run = new();

    private string Vectors => run.In("vectors.safetensors");

    public void Dispose() => run.Dispose();

    [Fact]
    public void A_vector_is_the_mean_of_all_tokens_of_all_views_of_a_video()
    {
        Embed(run.Train, "--segments", "2", "--crops", "2");
        using var scope = new TensorScope();
        using var file = SafetensorsFile.Open(Vectors);
        using var encoder = FrozenEncoder.Load(run.Run);
        var wanted = new List<Tensor>();
        foreach (var (_, clips) in new ViewClips(Manifest.Load(run.Train), new TestViews(encoder.Clip, 2, 2)).Read())
            wanted.Add(F.Mean(F.Reshape(encoder.Tokens(clips), clips.Size(0) / 4, -1, encoder.Encoder.Shape.Width), [1]));
        Kernels.Close.Assert(F.Cat([.. wanted], 0), file.Read("embeddings"), 1e-5);
        Assert.Contains("2 × 2 clips", file.Metadata["pooling"], StringComparison.Ordinal);
    }

    [Fact]
    public void Videos_need_no_labels_and_those_that_cannot_be_read_are_named_and_left_out()
    {
        File.WriteAllText(run.In("train/dark/broken.mp4"), "no video");
        var outcome = Embed(run.Train);
        Assert.StartsWith("10 of 11 videos", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("broken.mp4", outcome.Errors, StringComparison.Ordinal);
        using var embeddings = Embeddings.Read(Vectors);
        Assert.Equal(10, embeddings.Videos.Count);
        Assert.DoesNotContain(embeddings.Videos, video => video.EndsWith("broken.mp4", StringComparison.Ordinal));
    }

    [Fact]
    public void The_most_alike_come_first_and_a_video_is_not_found_by_itself()
    {
        Embed(run.Train);
        // Shades 20 to 24 and 200 to 204: the nearest of another shade is the next one.
        var known = Run(run.In("train/dark/0.mp4"), "--top", "3", "--json", run.In("found.json"));
        Assert.Equal(3, known.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain("/dark/0.mp4", known.Output, StringComparison.Ordinal);
        var found = JsonNode.Parse(File.ReadAllText(run.In("found.json")))!["results"]!.AsArray();
        Assert.Contains("/dark/1.mp4", found[0]!["video"]!.GetValue<string>(), StringComparison.Ordinal);
        var cosines = found.Select(f => f!["cosine"]!.GetValue<double>()).ToArray();
        Assert.Equal(cosines.OrderDescending(), cosines);
    }

    [Fact]
    public void A_video_that_is_not_in_the_file_is_embedded_as_those_in_it_were()
    {
        Embed(run.Train, "--segments", "2");
        File.Copy(run.In("train/bright/3.mp4"), run.In("copy.mp4"));
        var outcome = Run(run.In("copy.mp4"), "--top", "1");
        Assert.Equal($" 1.0000  {run.In("train/bright/3.mp4")}\n", outcome.Output);
    }

    [Fact]
    public void Weights_that_moved_can_be_named_and_others_are_refused()
    {
        Embed(run.Train);
        File.Copy(run.In("train/dark/2.mp4"), run.In("copy.mp4"));
        Directory.Move(run.Run, run.In("moved"));
        Refused("tell where they are with --checkpoint", run.In("copy.mp4"));
        Assert.Equal(0, Program.Run("search", Vectors, run.In("copy.mp4"), "--checkpoint", run.In("moved")).Code);
        // In the file already: no weights are needed.
        Assert.Equal(0, Program.Run("search", Vectors, run.In("train/dark/2.mp4")).Code);

        var weights = run.In("moved/checkpoints/step-000001/model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Refused("holds other weights than the file was made with", run.In("copy.mp4"), "--checkpoint", run.In("moved"));
    }

    [Fact]
    public void What_cannot_work_is_refused_with_what_would_be_right()
    {
        Embed(run.Train);
        Refused("there is no such video", run.In("nowhere.mp4"));
        Refused("--top is 0, but must be at least 1", run.In("train/dark/0.mp4"), "--top", "0");
        var outcome = Program.Run("search", run.Weights, run.In("train/dark/0.mp4"));
        Assert.Equal(2, outcome.Code);
        Assert.Contains("holds no embeddings: it should be what sigma embed wrote", outcome.Errors, StringComparison.Ordinal);
        outcome = Program.Run("embed", run.Run, "--data", run.Train, "--out", Vectors, "--cache", run.Cache);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("exists already", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_by_its_name()
    {
        Embed(run.Train);
        var whole = File.ReadAllBytes(Vectors);
        var path = run.In("damaged.safetensors");
        Prop.ForAll(Gen.Choose(0, whole.Length - 1).SelectMany(at => Gen.Choose(0, 255), (at, value) => (At: at, Value: (byte)value)).ToArbitrary(), damage =>
        {
            var bytes = (byte[])whole.Clone();
            bytes[damage.At] = damage.Value;
            AssertReadOrRefused(path, bytes);
            AssertReadOrRefused(path, whole[..damage.At]);
        }).QuickCheckThrowOnFailure();
    }

    private static void AssertReadOrRefused(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        try
        {
            Embeddings.Read(path).Dispose();
        }
        catch (BadInputException refused)
        {
            Assert.Contains("damaged.safetensors", refused.Message, StringComparison.Ordinal);
        }
    }

    private Program.Outcome Embed(string data, params string[] own)
    {
        var outcome = Program.Run(["embed", run.Run, "--data", data, "--out", Vectors, "--cache", run.Cache, "--device", "cpu", .. own]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        return outcome;
    }

    private Program.Outcome Run(string query, params string[] own)
    {
        var outcome = Program.Run(["search", Vectors, query, "--device", "cpu", .. own]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        return outcome;
    }

    private void Refused(string because, string query, params string[] own)
    {
        var outcome = Program.Run(["search", Vectors, query, "--device", "cpu", .. own]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(because, outcome.Errors, StringComparison.Ordinal);
    }
}

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sigma.Data;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Evaluation.Frozen;

/// <summary>How embeddings were made, so that another video can be embedded in the same way.</summary>
/// <param name="Checkpoint">The weights as they were given.</param>
/// <param name="CheckpointHash">SHA-256 of the file with the weights.</param>
/// <param name="Recipe">The recipe that was given beside weights that have none; null without.</param>
/// <param name="Clip">The clips that were read.</param>
/// <param name="Segments">Clips along the time of a video.</param>
/// <param name="Crops">Squares along the longer side of the picture.</param>
public sealed record EmbeddingSource(string Checkpoint, string CheckpointHash, string? Recipe, LabelledClipRecipe Clip, int Segments, int Crops)
{
    /// <summary>The views of a video.</summary>
    public TestViews Views => new(Clip, Segments, Crops);
}

/// <summary>
/// A vector for every video: the mean of the encoder's tokens over all of them and over the video's views. In a file it is
/// <c>embeddings</c> [V, D] in float32 and <c>videos</c>, the full paths of the V videos as a JSON array in bytes of UTF-8.
/// </summary>
public sealed class Embeddings : IDisposable
{
    private const string Vectors = "embeddings";
    private const string VideosName = "videos";
    private const string SourceName = "source";

    /// <summary>Videos whose features are read at a time.</summary>
    private const int Some = 1024;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly Tensor vectors;

    private Embeddings(Tensor vectors, IReadOnlyList<string> videos, EmbeddingSource source) => (this.vectors, Videos, Source) = (vectors, videos, source);

    /// <summary>[V], the videos by their full paths.</summary>
    public IReadOnlyList<string> Videos { get; }

    /// <summary>How they were made.</summary>
    public EmbeddingSource Source { get; }

    /// <summary>Numbers D of a vector.</summary>
    public long Width => vectors.Size(1);

    /// <summary>Of features that were computed already.</summary>
    public static Embeddings Of(StoredFeatures features, EmbeddingSource source)
    {
        using var scope = new TensorScope();
        Tensor? vectors = null; // filled part by part: all of them may be gigabytes
        foreach (var videos in Enumerable.Range(0, features.Samples.Count).Chunk(Some))
        {
            using var step = new TensorScope();
            var rows = features.Rows([.. videos.SelectMany(v => Enumerable.Range(v * features.Views, features.Views))]);
            var means = F.Mean(F.Reshape(rows, videos.Length, features.Views, -1), [1]);
            vectors ??= step.Keep(Tensor.Empty([features.Samples.Count, means.Size(1)]));
            F.Copy_(F.Narrow(vectors, 0, videos[0], videos.Length), means);
        }
        return new(vectors!.KeepForever(), [.. features.Samples.Select(s => Path.GetFullPath(features.Manifest[s].Path))], source);
    }

    /// <summary>The vector [D] of one video, made as <paramref name="source"/> tells.</summary>
    /// <param name="video">A video, or a picture, which counts as a video that stands still.</param>
    /// <param name="encoder">The network, on <paramref name="device"/>.</param>
    /// <param name="source">Clips and views.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="BadInputException">The video cannot be read.</exception>
    public static Tensor Of(string video, FrozenEncoder encoder, EmbeddingSource source, Device device, CancellationToken stop = default)
    {
        using var scope = new TensorScope();
        var clips = new ViewClips(Manifest.Of(video), source.Views);
        Tensor? vector = null;
        foreach (var (_, pixels) in clips.Read(stop))
            vector = F.To(F.Mean(encoder.Tokens(F.To(pixels, device)), [0, 1]), ScalarType.Float32, Device.Cpu);
        return vector is not null ? scope.Keep(vector) : throw new BadInputException($"{video} cannot be read: {clips.Unreadable.List[0].Reason}");
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="BadInputException">There is none, or it is none of <see cref="Write"/>.</exception>
    public static Embeddings Read(string path)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            if (file.Entries.GetValueOrDefault(Vectors) is { Type: ScalarType.Float32, Shape: [var count, _] }
                && file.Entries.GetValueOrDefault(VideosName) is { Type: ScalarType.UInt8 }
                && file.Metadata.TryGetValue(SourceName, out var text)
                && JsonSerializer.Deserialize<EmbeddingSource>(text, Json) is { Segments: > 0, Crops: > 0 } source
                && JsonSerializer.Deserialize<string[]>(file.Bytes(VideosName), Json) is { } videos && videos.Length == count)
            {
                return new(file.Read(Vectors).KeepForever(), videos, source);
            }
            throw new InvalidDataException($"{path} holds no embeddings: it should be what sigma embed wrote");
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BadInputException(failure is JsonException ? $"{path} holds no embeddings: {failure.Message}" : failure.Message, failure);
        }
    }

    /// <summary>Writes a file. Its header tells in words what a vector is, and <c>source</c> in JSON.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public void Write(string path)
    {
        using var scope = new TensorScope();
        var metadata = new Dictionary<string, string>
        {
            ["pooling"] = string.Create(CultureInfo.InvariantCulture, $"mean of all tokens of a clip, then of the {Source.Segments} × {Source.Crops} clips of a video"),
            [SourceName] = JsonSerializer.Serialize(Source, Json),
        };
        var names = JsonSerializer.SerializeToUtf8Bytes(Videos, Json);
        SafetensorsFile.Write(path, [(Vectors, vectors), (VideosName, Tensor.From<byte>(names))], metadata);
    }

    /// <summary>The vector [D] of a video that is among them; null where it is not.</summary>
    public Tensor? Find(string video)
    {
        var full = Path.GetFullPath(video);
        for (var i = 0; i < Videos.Count; i++)
        {
            if (Videos[i] == full)
                return F.Select(vectors, 0, i);
        }
        return null;
    }

    /// <summary>The videos most like a vector [D], best first, each with the cosine between the two.</summary>
    /// <param name="vector">Of <see cref="Find"/>, or of another video.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<(string Video, double Cosine)> Nearest(Tensor vector, int most)
    {
        using var scope = new TensorScope();
        var (cosines, places) = NearestNeighbours.Nearest(vectors, F.Reshape(vector, 1, -1), most);
        return [.. places.ToArray<long>().Zip(cosines.ToArray<float>(), (place, cosine) => (Videos[(int)place], (double)cosine))];
    }

    /// <summary>Frees the vectors.</summary>
    public void Dispose() => vectors.Dispose();
}

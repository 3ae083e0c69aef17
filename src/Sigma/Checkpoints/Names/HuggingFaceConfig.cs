using System.Text.Json;
using System.Text.Json.Serialization;
using Sigma.Torch;

namespace Sigma.Checkpoints.Names;

/// <summary>The <c>config.json</c> beside a VideoMAE of transformers. The defaults are transformers' own, which a file may leave out.</summary>
public sealed record HuggingFaceConfig
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    };

    /// <summary>Class names of the network, one as a rule.</summary>
    public IReadOnlyList<string>? Architectures { get; init; }

    /// <summary>Always <c>videomae</c>.</summary>
    public string ModelType { get; init; } = "videomae";

    /// <summary>Height and width of a frame in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Height and width of a tube in pixels.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Colour channels.</summary>
    public int NumChannels { get; init; } = 3;

    /// <summary>Frames of a clip.</summary>
    public int NumFrames { get; init; } = 16;

    /// <summary>Frames of a tube.</summary>
    public int TubeletSize { get; init; } = 2;

    /// <summary>Width of the encoder.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Blocks of the encoder.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Attention heads of the encoder.</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>Width inside the encoder's MLPs.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Activation function; <c>gelu</c> is the exact one.</summary>
    public string HiddenAct { get; init; } = "gelu";

    /// <summary>Drop-out after linear layers.</summary>
    public double HiddenDropoutProb { get; init; }

    /// <summary>Drop-out of attention.</summary>
    public double AttentionProbsDropoutProb { get; init; }

    /// <summary>Deviation of initial weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Epsilon of the encoder's and the decoder blocks' norms.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>Whether attention has q and v biases.</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>True leaves out the encoder's last norm, for a classifier that norms the mean.</summary>
    public bool UseMeanPooling { get; init; } = true;

    /// <summary>Attention heads of the decoder.</summary>
    public int DecoderNumAttentionHeads { get; init; } = 6;

    /// <summary>Width of the decoder.</summary>
    public int DecoderHiddenSize { get; init; } = 384;

    /// <summary>Blocks of the decoder.</summary>
    public int DecoderNumHiddenLayers { get; init; } = 4;

    /// <summary>Width inside the decoder's MLPs.</summary>
    public int DecoderIntermediateSize { get; init; } = 1536;

    /// <summary>Whether the targets are standardised within each tube.</summary>
    public bool NormPixLoss { get; init; } = true;

    /// <summary>Names of the classes by number, for a classifier.</summary>
    [JsonPropertyName("id2label")]
    public IReadOnlyDictionary<string, string>? ClassNames { get; init; }

    /// <summary>What the shapes of published tensors tell. Heads, frames and frame size are not in the weights.</summary>
    /// <param name="published">Tensors under published names: for fine-tuning where <paramref name="model"/> is the classifier, else for pre-training.</param>
    /// <param name="model">The network to export to.</param>
    /// <param name="heads">Attention heads of the encoder.</param>
    /// <param name="decoderHeads">Attention heads of the decoder.</param>
    /// <exception cref="StateMismatchException">The tube embedding or the first block is missing.</exception>
    public static HuggingFaceConfig Of(
        IReadOnlyDictionary<string, StoredTensor> published, HuggingFaceModel model, int heads, int decoderHeads)
    {
        var encoder = model == HuggingFaceModel.ForVideoClassification ? "" : "encoder.";
        var embedding = Shape(published, encoder + "patch_embed.proj.weight", 5);
        var config = new HuggingFaceConfig
        {
            Architectures = ["VideoMAE" + model],
            HiddenSize = embedding[0],
            NumChannels = embedding[1],
            TubeletSize = embedding[2],
            PatchSize = embedding[3],
            NumHiddenLayers = NetworkSizes.Blocks(published, encoder + "blocks."),
            NumAttentionHeads = heads,
            IntermediateSize = Shape(published, encoder + "blocks.0.mlp.fc1.weight", 2)[0],
            LayerNormEps = 1e-6,
            QkvBias = published.ContainsKey(encoder + "blocks.0.attn.q_bias"),
            UseMeanPooling = !published.ContainsKey(encoder + "norm.weight"),
        };
        if (model != HuggingFaceModel.ForPreTraining) return config;
        return config with
        {
            DecoderHiddenSize = Shape(published, "encoder_to_decoder.weight", 2)[0],
            DecoderNumHiddenLayers = NetworkSizes.Blocks(published, "decoder.blocks."),
            DecoderNumAttentionHeads = decoderHeads,
            DecoderIntermediateSize = Shape(published, "decoder.blocks.0.mlp.fc1.weight", 2)[0],
        };
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointFormatException">It is not a VideoMAE's.</exception>
    public static HuggingFaceConfig Read(string path)
    {
        try
        {
            var config = JsonSerializer.Deserialize<HuggingFaceConfig>(File.ReadAllText(path), Json);
            return config is { ModelType: "videomae" }
                ? config
                : throw new CheckpointFormatException(path, 0, $"it describes a '{config?.ModelType}', not a videomae");
        }
        catch (JsonException e)
        {
            throw new CheckpointFormatException(path, e.BytePositionInLine ?? 0, $"the JSON is damaged: {e.Message}", e);
        }
    }

    /// <summary>Writes a file.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");

    static int[] Shape(IReadOnlyDictionary<string, StoredTensor> tensors, string name, int dimensions)
    {
        if (!tensors.TryGetValue(name, out var tensor)) throw new StateMismatchException("config.json", [name], [], []);
        if (tensor.Shape.Length != dimensions)
            throw new StateMismatchException("config.json", [], [], [new ShapeDifference(name, new long[dimensions], tensor.Shape)]);
        return [.. tensor.Shape.Select(s => checked((int)s))];
    }
}

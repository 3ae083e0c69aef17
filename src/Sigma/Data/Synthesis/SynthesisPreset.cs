namespace Sigma.Data.Synthesis;

/// <summary>A kind of labelled set that can be rendered: its classes, and how its clips look.</summary>
public sealed class SynthesisPreset
{
    /// <summary>Draws the scene of a class for a picture of this size.</summary>
    internal delegate Scene SceneOf(int label, int size, ref CounterRandom random);

    /// <summary>
    /// Four directions, both turns, growing and shrinking, with random textured shapes, backgrounds and camera drift:
    /// no single frame tells the class.
    /// </summary>
    public static readonly SynthesisPreset MotionEight = new("motion-8", MotionScenes.Classes, MotionScenes.Draw) { Size = 96, Frames = 24, Clips = 800 };

    /// <summary>
    /// Ten materials that glide past in any colours, contrast, place and scale: what the demo trains on.
    /// </summary>
    public static readonly SynthesisPreset Demo = new("demo", MaterialScenes.Classes, new MaterialScenes().Draw) { Size = 64, Frames = 16, Clips = 1600 };

    private SynthesisPreset(string name, IReadOnlyList<string> classes, SceneOf scene) => (Name, Classes, Scene) = (name, classes, scene);

    /// <summary>Every preset.</summary>
    public static IReadOnlyList<SynthesisPreset> All { get; } = [MotionEight, Demo];

    /// <summary>What it is called on the command line.</summary>
    public string Name { get; }

    /// <summary>Names of the classes in ordinal order; a class's label is its place here.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Height and width of the frames, pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Frames of a clip.</summary>
    public required int Frames { get; init; }

    /// <summary>Training clips unless told otherwise.</summary>
    public required int Clips { get; init; }

    internal SceneOf Scene { get; }

    /// <summary>The preset of this name.</summary>
    /// <exception cref="BadInputException">There is none; the message lists those that exist.</exception>
    public static SynthesisPreset Named(string name) => All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new BadInputException($"there is no preset {name}; presets are {string.Join(" and ", All.Select(preset => preset.Name))}");

    /// <summary>
    /// Renders one clip. The same seed, part and index give the same frames, whatever else is rendered.
    /// </summary>
    /// <param name="seed">of the set</param>
    /// <param name="part">training or validation</param>
    /// <param name="index">of the clip in its part; its label is index modulo the number of classes</param>
    /// <returns>the frames one after the other, each [size, size, 3]</returns>
    public IEnumerable<byte[]> Render(long seed, SynthesisPart part, int index)
    {
        var random = new CounterRandom(seed, (int)part, index, Purpose.Synthesis);
        var scene = Scene(index % Classes.Count, Size, ref random);
        return Enumerable.Range(0, Frames).Select(frame =>
        {
            var rgb = new byte[3 * Size * Size];
            scene.Render(frame, Size, rgb);
            return rgb;
        });
    }
}

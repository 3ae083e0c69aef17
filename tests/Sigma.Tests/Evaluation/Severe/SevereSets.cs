using Sigma.Media;
using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Severe;

/// <summary>All data sets of SEVERE in miniature, a network that never saw anything, and a recipe of two updates.</summary>
internal sealed class SevereSets : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-severe-");
    private int rendered;

    public string this[string name] => Path.Combine(folder.FullName, name);

    public string Root => this["sets"];

    public string Checkpoint => this["run/checkpoints/step-000000"];

    public string Recipe => this["tiny.yaml"];

    public void Dispose() => folder.Delete(recursive: true);

    public SevereSets WriteAll()
    {
        SomethingSomething();
        FineGym();
        Ucf101();
        UcfRep();
        Charades();
        Network();
        return this;
    }

    /// <summary>The sets of the two tasks without one class a video.</summary>
    public SevereSets WriteTasks()
    {
        UcfRep();
        Charades();
        Network();
        return this;
    }

    /// <summary>A square that goes to the right and back, count times in the frames from first on, a still one before.</summary>
    public static void RenderRepetitions(string path, int first, int count, int period)
    {
        const int size = 48;
        using var writer = new VideoWriter(path, size, size, 25);
        for (var t = 0; t <= first + count * period; t++)
        {
            var phase = t < first ? 0 : (t - first) % period;
            var x = 4 + 48 * Math.Min(phase, period - phase) / period;
            var rgb = new byte[size * size * 3];
            for (var i = 0; i < size * size; i++)
                rgb.AsSpan(3 * i, 3).Fill((byte)(i % size >= x && i % size < x + 14 && i / size is > 15 and < 32 ? 230 : 30));
            writer.Write(rgb);
        }
        writer.Finish();
    }

    private void SomethingSomething()
    {
        Text("sets/ssv2/labels.json", """{"Pushing something": "0", "Lifting something": "1"}""");
        Text("sets/ssv2/train.json", $"[{string.Join(",", Enumerable.Range(1, 6).Select(Entry))}]");
        Text("sets/ssv2/validation.json", $"[{string.Join(",", Enumerable.Range(7, 3).Select(Entry))}]");

        string Entry(int id)
        {
            Video($"sets/ssv2/20bn-something-something-v2/{id}.mp4");
            return $"{{\"id\": \"{id}\", \"template\": \"{(id % 2 == 0 ? "Pushing" : "Lifting")} [something]\"}}";
        }
    }

    private void FineGym()
    {
        // FX-S1 takes labels 6 to 16, UB-S1 74 to 88; Gym99 all of them.
        int[] labels = [6, 7, 16, 74, 80, 88];
        Text("sets/finegym/gym99_train_element_v1.0.txt", List("t", labels.Append(98)));
        Text("sets/finegym/gym99_val_element.txt", List("v", labels));

        string List(string name, IEnumerable<int> of) => string.Join('\n', of.Select(label =>
        {
            Video($"sets/finegym/subactions/{name}{label}.mp4");
            return $"{name}{label} {label}";
        })) + "\n";
    }

    private void Ucf101()
    {
        Text("sets/ucf101/ucfTrainTestlist/classInd.txt", "1 Archery\n2 YoYo\n");
        Text("sets/ucf101/ucfTrainTestlist/trainlist01.txt", string.Concat(Names(8, 3).Select((name, i) => $"{name} {i % 2 + 1}\n")));
        Text("sets/ucf101/ucfTrainTestlist/testlist01.txt", string.Concat(Names(1, 2).Select(name => $"{name}\n")));

        IEnumerable<string> Names(int first, int each)
        {
            for (var i = 0; i < each * 2; i++)
            {
                var name = $"{(i % 2 == 0 ? "Archery/v_Archery" : "YoYo/v_YoYo")}_g{first + i / 2:00}_c01.avi";
                Video("sets/ucf101/UCF-101/" + name.Replace(".avi", ".mp4", StringComparison.Ordinal));
                yield return name;
            }
        }
    }

    private void UcfRep()
    {
        var (label, videos) = ("sets/ucfrep/annotations/repetition_label/JumpRope.txt", new List<string>());
        foreach (var (name, split, count) in new[] { ("v_JumpRope_g01_c01", "train", 2), ("v_JumpRope_g02_c01", "train", 4), ("v_JumpRope_g03_c01", "train", 6), ("v_JumpRope_g04_c01", "val", 3), ("v_JumpRope_g05_c01", "val", 5) })
        {
            Text($"sets/ucfrep/annotations/{split}/{name}.mat", "");
            var path = Made($"sets/ucfrep/UCF-101/JumpRope/{name}.mp4");
            RenderRepetitions(path, first: 5, count, period: 8);
            // Frames count from 1: the first repetition begins at the sixth.
            videos.Add($"{name}\n{string.Join(' ', Enumerable.Range(0, count + 1).Select(i => 6 + 8 * i))}\n");
        }
        Text(label, string.Concat(videos));
    }

    private void Charades()
    {
        Text("sets/charades/Charades_v1_classes.txt", "c000 Holding\nc001 Opening\nc002 Closing\n");
        Text("sets/charades/Charades_v1_train.csv", "id,actions\nAAAA1,c000 0 1;c001 0.5 1\nAAAA2,c002 0 1\nAAAA3,\n");
        Text("sets/charades/Charades_v1_test.csv", "id,actions\nBBBB1,c000 0 1\nBBBB2,c001 0 1;c002 0 1\n");
        foreach (var id in new[] { "AAAA1", "AAAA2", "AAAA3", "BBBB1", "BBBB2" })
            Video($"sets/charades/Charades_v1_480/{id}.mp4");
    }

    private void Network()
    {
        using var tiny = new TinyRun(videos: 0);
        var recipe = Sigma.Recipes.Recipe.Load(tiny.Recipe);
        Text("run/recipe.yaml", recipe.ToYaml());
        using var model = new MaskedVideoModel(recipe, 0, 0);
        SafetensorsFile.Write(Made("run/checkpoints/step-000000/model.safetensors"), model.Parameters());
        Text("tiny.yaml", """
            model: { size: vit-ti, width: 32, depth: 1, heads: 2 }
            clip: { frames: 4, stride: 2, size: 32, tubeSize: 8 }
            augmentation: { flip: true }
            optimizer: { batch: 2, steps: 2, epochs: 1, warmupEpochs: 0 }
            views: { segments: 1, crops: 1 }
            data: { workers: 1 }

            """);
    }

    private void Video(string name) => TinyRun.Render(Made(name), rendered++, frames: 10);

    private void Text(string name, string text) => File.WriteAllText(Made(name), text);

    private string Made(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        return this[name];
    }
}

using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Targets;

[Trait("Category", "targets")]
public sealed class TeacherTargetTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-test-");

    [Theory]
    [InlineData("dino-v1", 8, 4, 0)]
    [InlineData("dino-v1", 8, 7, 0)]
    [InlineData("dino-v2", 16, 2, 4)]
    [InlineData("dino-v2", 4, 11, 4)]
    public void A_run_learns_from_a_teacher_and_continues_to_the_same_bytes(string target, int patch, int rows, int registers)
    {
        using var files = new TinyRun();
        var teacher = RandomTeacher.Save(files.In("teacher.safetensors"), patch, rows, registers);
        PretrainSummary Train(string name, int steps, bool resume = false)
        {
            using var pretrainer = new Pretrainer(new PretrainOptions
            {
                Recipe = Recipe.Load(files.Recipe, [$"objective.target={target}", $"objective.teacher={teacher}"]),
                Data = files.Data,
                Out = files.In(name),
                MaxSteps = steps,
                Resume = resume,
            });
            return pretrainer.Train(CancellationToken.None);
        }
        byte[] Weights(string name) => File.ReadAllBytes(files.In($"{name}/checkpoints/step-000006/model.safetensors"));

        var summary = Train("whole", 6);
        Train("parts", 3);
        Train("parts", 6, resume: true);

        Assert.True(double.IsFinite(summary.Loss!.Value));
        Assert.Equal(Weights("whole"), Weights("parts"));
        using var saved = SafetensorsFile.Open(files.In("whole/checkpoints/step-000006/model.safetensors"));
        Assert.Equal([12, RandomTeacher.Width], saved.Entries["prototypes"].Shape);
    }

    [Fact]
    public void Targets_are_the_tokens_of_the_first_frame_of_each_tube()
    {
        using var scope = new TensorScope();
        using var target = new TeacherTarget(Of("dino-v1", RandomTeacher.Save(In("t"), 8, 4)), Device.Cpu);
        var clips = Bytes(2, 4);
        var changed = clips.ToArray<byte>();
        var frame = changed.Length / 8;
        Array.Clear(changed, frame, frame); // the second frame of the first clip, seen by no teacher
        var tokens = target.Tokens(clips);
        Assert.Equal([2, 32, RandomTeacher.Width], tokens.Shape);
        Assert.Equal(tokens.ToArray<float>(), target.Tokens(Tensor.From(changed, clips.Shape)).ToArray<float>());
        Array.Clear(changed, 2 * frame, frame); // its third frame is the first of the second slice
        var other = target.Tokens(Tensor.From(changed, clips.Shape));
        for (var tube = 0; tube < 32; tube++)
            Assert.Equal(tube < 16, Row(tokens, tube).SequenceEqual(Row(other, tube)));
    }

    [Fact]
    public void Bytes_and_the_same_clips_normalised_give_the_same_targets()
    {
        using var scope = new TensorScope();
        using var target = new TeacherTarget(Of("dino-v2", RandomTeacher.Save(In("t"), 16, 3, registers: 4)), Device.Cpu);
        var clips = Bytes(1, 4);
        var fromBytes = target.Tokens(clips).ToArray<float>();
        var fromNumbers = target.Tokens(ClipTubes.Normalised(clips)).ToArray<float>();
        Assert.All(fromBytes.Zip(fromNumbers), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void A_training_checkpoint_gives_the_tokens_of_its_backbone()
    {
        using var scope = new TensorScope();
        using var plain = new TeacherTarget(Of("dino-v1", RandomTeacher.Save(In("plain"), 8, 4)), Device.Cpu);
        using var training = new TeacherTarget(Of("dino-v1", RandomTeacher.SaveTraining(In("training.pth"), 8, 4)), Device.Cpu);
        Assert.Equal(plain.Tokens(Bytes(1, 4)).ToArray<float>(), training.Tokens(Bytes(1, 4)).ToArray<float>());
    }

    [Theory]
    [InlineData("dino-v1", 0)]
    [InlineData("dino-v2", 4)]
    public void In_bf16_the_tokens_stay_near_those_of_float32(string kind, int registers)
    {
        using var scope = new TensorScope();
        using var target = new TeacherTarget(Of(kind, RandomTeacher.Save(In("t"), 8, 5, registers)), Device.Cpu);
        var clips = Bytes(2, 4);
        var exact = target.Tokens(clips);
        Tensor half;
        using (new Autocast(Device.Cpu, ScalarType.BFloat16))
            half = F.To(target.Tokens(clips), ScalarType.Float32);
        var distance = Math.Sqrt(F.Mean(F.Square(half - exact)).Item() / F.Mean(F.Square(exact)).Item());
        Assert.InRange(distance, 1e-5, 0.05);
    }

    [Fact]
    public void A_target_carries_no_gradient()
    {
        using var scope = new TensorScope();
        using var target = new TeacherTarget(Of("dino-v1", RandomTeacher.Save(In("t"), 8, 4)), Device.Cpu);
        var hidden = Tensor.From<long>([0, 5, 31], 1, 3);
        using var made = target.Of(Bytes(1, 4), hidden, hidden);
        Assert.Equal([1, 3, RandomTeacher.Width], made.Shape);
        Assert.False(made.RequiresGrad);
    }

    [Fact]
    public void The_published_teacher_takes_the_operations_of_the_table()
    {
        var clip = new ClipRecipe();
        Assert.Equal(281, Arithmetic.Teacher(new DinoShape(768, 12, 12, 3072, 16, 14, 0, false), clip) / 1e9, 1.0);
        Assert.Equal(73.6, Arithmetic.Teacher(new DinoShape(384, 12, 6, 1536, 16, 14, 0, false), clip) / 1e9, 0.5);
    }

    [Fact]
    public void A_teacher_of_the_other_kind_is_refused_with_the_way_out()
    {
        Refused("dino-v2", RandomTeacher.Save(In("first"), 8, 4), "first is a dino-v1 teacher", "--set objective.target=dino-v1");
        Refused("dino-v1", RandomTeacher.Save(In("second"), 8, 4, registers: 4), "second is a dino-v2 teacher", "--set objective.target=dino-v2");
    }

    [Fact]
    public void A_teacher_whose_patches_are_not_the_clips_cells_is_refused_with_both_sizes()
    {
        Refused("dino-v1", RandomTeacher.Save(In("t"), 16, 4), "16 × 16 pixels and give 2 × 2 tokens a frame", "clip.tubeSize 8 makes 4 × 4 tubes");
        Refused("dino-v2", RandomTeacher.Save(In("t"), 14, 4, registers: 4), "14 × 14 pixels do not divide clip.size 32");
    }

    [Fact]
    public void A_file_that_is_no_teacher_is_refused_with_what_it_lacks()
    {
        File.WriteAllText(In("text"), "no checkpoint at all");
        Refused("dino-v1", In("text"), "objective.teacher cannot be read", "text");
        Refused("dino-v1", RandomTeacher.Save(In("t"), 8, 4, change: t => t.Remove("pos_embed")), "t is not a DINO vision transformer: it has no pos_embed");
        Refused("dino-v1", RandomTeacher.Save(In("t"), 8, 4, change: t => t["patch_embed.proj.weight"] = F.Zeros([64, 3, 2, 8, 8])), "[64, 3, 2, 8, 8] instead of [D, 3, patch, patch]");
        Refused("dino-v1", RandomTeacher.Save(In("t"), 8, 4, change: t => t["blocks.0.attn.qkv.bias"] = F.Zeros([5])), "blocks.0.attn.qkv.bias: wanted [192], found [5]");
        Refused("dino-v1", RandomTeacher.Save(In("t"), 8, 4, change: t => t.Remove("norm.weight")), "missing     norm.weight");
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static void Refused(string kind, string teacher, params string[] parts)
    {
        var refusal = Assert.Throws<BadInputException>(() => new TeacherTarget(Of(kind, teacher), Device.Cpu));
        Assert.All(parts, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
    }

    private static Recipe Of(string kind, string teacher) => new()
    {
        Clip = new ClipRecipe { Frames = 4, Size = 32, TubeSize = 8 },
        Objective = new ObjectiveRecipe { Target = kind == "dino-v1" ? TargetKind.DinoV1 : TargetKind.DinoV2, Teacher = teacher },
    };

    private string In(string name) => Path.Combine(folder.FullName, name);

    private static float[] Row(Tensor tokens, int tube) => F.Select(F.Select(tokens, 0, 0), 0, tube).ToArray<float>();

    private static Tensor Bytes(int clips, int frames)
    {
        var values = new byte[clips * frames * 32 * 32 * 3];
        new Random(1).NextBytes(values);
        return Tensor.From(values, clips, frames, 32, 32, 3);
    }
}

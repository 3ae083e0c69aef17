using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Recipes;

namespace Sigma.Tests.Recipes;

[Trait("Category", "recipes")]
public sealed class RecipePropertyTests : IDisposable
{
    private readonly RecipeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_written_recipe_loads_to_an_equal_one() =>
        Prop.ForAll(Recipes().ToArbitrary(), recipe => recipe == _folder.Load(recipe.ToYaml()))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void A_written_recipe_still_takes_a_new_size() =>
        Assert.Equal(ModelRecipe.Of(ModelSize.VitB), _folder.Load(new Recipe().ToYaml(), "model.size=vit-b").Model);

    [Fact]
    public void A_damaged_recipe_is_read_or_refused_and_nothing_else()
    {
        var sound = new Recipe().ToYaml();
        var alphabet = "{}[]:,-&*!|>'\"%@`#\t \n0aé\u2028\0?~<".ToCharArray();
        var damage = Gen.Zip(Gen.Choose(0, sound.Length - 1), Gen.Elements(alphabet)).ListOf();
        Prop.ForAll(damage.ToArbitrary(), edits =>
        {
            var text = new StringBuilder(sound);
            foreach (var (place, letter) in edits)
                text[place] = letter;
            try
            {
                _folder.Load(text.ToString());
            }
            catch (RecipeException e)
            {
                return e.Problems.Count > 0 && e.Problems.All(problem => problem.Message.Length > 0);
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("lr", "lr", 0)]
    public void Edits_are_counted(string from, string to, int edits)
    {
        Assert.Equal(edits, NearestWord.Edits(from, to));
        Assert.Equal(edits, NearestWord.Edits(to, from));
    }

    // Sound recipes: parts that must divide each other are drawn as factors.
    private Gen<Recipe> Recipes() =>
        from model in Models()
        from clip in Clips()
        from mask in Masks(clip)
        from objective in Objectives()
        from optimizer in Optimizers(clip)
        from run in Gen.Choose(0, 1000).Three()
        from precision in Choice<Precision>()
        from action in Choice<CollapseAction>()
        from limit in Share()
        select new Recipe
        {
            Model = model,
            Clip = clip,
            Mask = mask,
            Objective = objective,
            Optimizer = optimizer,
            Precision = precision,
            Data = new() { Workers = run.Item1, UnreadableLimit = limit, Decoder = limit > 0.5 && mask.Kind != MaskKind.MotionGuided ? VideoDecoder.Nvdec : VideoDecoder.Cpu },
            Checkpoint = new() { Every = run.Item2 + 1, Keep = run.Item3 + 1 },
            Health = new() { OnCollapse = action },
            Seed = run.Item1 * 9_000_000_000_000_000L,
        };

    private static Gen<ModelRecipe> Models() =>
        from size in Choice<ModelSize>()
        from heads in Gen.Choose(1, 16)
        from share in Gen.Choose(1, 64)
        from depth in Gen.Choose(1, 40)
        from positions in Choice<PositionTable>()
        from own in Gen.Elements(true, false)
        select own
            ? ModelRecipe.Of(size) with { Width = 2 * heads * share, Heads = heads, Depth = depth, Positions = positions, CheckpointActivations = true }
            : ModelRecipe.Of(size) with { DecoderDepth = depth };

    private static Gen<ClipRecipe> Clips() =>
        from slices in Gen.Choose(2, 16)
        from grid in Gen.Choose(2, 16)
        from tubeFrames in Gen.Choose(1, 4)
        from tubeSize in Gen.Choose(1, 32)
        from stride in Gen.Choose(1, 8)
        from crop in Choice<CropKind>()
        from grey in Share()
        from repeats in Gen.Choose(1, 4)
        select new ClipRecipe
        {
            Frames = slices * tubeFrames,
            TubeFrames = tubeFrames,
            Size = grid * tubeSize,
            TubeSize = tubeSize,
            Stride = stride,
            Crop = crop,
            GreyScale = grey,
            Repeats = repeats,
            Flip = grey > 0.5,
        };

    private static Gen<MaskRecipe> Masks(ClipRecipe clip) =>
        from kind in Choice<MaskKind>()
        from placement in Choice<BoxPlacement>()
        from ratio in Share()
        let mask = new MaskRecipe { Kind = kind, Placement = placement, Ratio = ratio, SubtractMedian = ratio > 0.5 }
        select ratio is > 0 and < 1 && mask.HiddenTubes(clip) > 0 ? mask : mask with { Ratio = 0.75 };

    private Gen<ObjectiveRecipe> Objectives() =>
        from target in Choice<TargetKind>()
        from assignment in Choice<AssignmentKind>()
        from prototypes in Gen.Choose(2, 6000)
        from epsilon in Positive()
        from projection in Gen.Choose(1, 2048).NonEmptyListOf()
        from teacher in Gen.Elements(null, _folder["teacher.pth"], _folder["null"], _folder["it's \"odd\": # & é 名 🎬\u2028.pth"])
        select new ObjectiveRecipe
        {
            Target = target,
            Assignment = assignment,
            Prototypes = prototypes,
            Epsilon = epsilon,
            Temperature = epsilon,
            Projection = [.. projection],
            Teacher = teacher,
            NormaliseTarget = prototypes % 2 == 0,
            SymmetricPrototypeGradient = prototypes % 3 == 0,
        };

    private static Gen<OptimizerRecipe> Optimizers(ClipRecipe clip) =>
        from accumulate in Gen.Choose(1, 8)
        from micro in Gen.Choose(1, 64)
        from epochs in Gen.Choose(40, 2400)
        from rate in Positive()
        from beta in Share()
        select new OptimizerRecipe
        {
            Lr = rate,
            FinalLr = rate / 3,
            WeightDecay = beta,
            Betas = [Math.Min(beta, 0.9), 0.95],
            Batch = clip.Repeats * accumulate * micro,
            Accumulate = accumulate,
            Epochs = epochs,
            ClipGradient = micro % 2 == 0 ? null : rate,
            AverageWeights = micro % 3 == 0 ? null : 0.9999,
        };

    private static Gen<T> Choice<T>()
        where T : struct, Enum => Gen.Elements(Enum.GetValues<T>());

    private static Gen<double> Share() => Gen.Choose(0, 1_000_000).Select(n => n / 1_000_000.0);

    // From 1e-12 to 1e12, every magnitude alike, with all their digits.
    private static Gen<double> Positive() =>
        from digits in Gen.Choose(1, int.MaxValue)
        from magnitude in Gen.Choose(-12, 12)
        select digits / (double)int.MaxValue * Math.Pow(10, magnitude);
}

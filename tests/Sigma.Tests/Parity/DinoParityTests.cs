using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Tests.Parity;

[Trait("Category", "parity")]
public sealed class DinoParityTests
{
    public static TheoryData<string> First => GoldenFile.OfKind("dino_v1");

    public static TheoryData<string> Second => GoldenFile.OfKind("dino_v2");

    [Theory]
    [MemberData(nameof(First))]
    [MemberData(nameof(Second))]
    public void A_teacher_sees_in_an_image_what_the_published_one_sees(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        var weights = file.Parameters();
        var shape = DinoShape.Of(weights.ToDictionary(w => w.Key, w => w.Value.Shape), name, file.Int("heads"));
        using var teacher = new DinoTeacher(shape, weights, Device.Cpu);

        var (classToken, patches) = teacher.Forward(file["in.images"]);

        file.Matches("out.class_token", classToken, GoldenFile.ValueTolerance);
        file.Matches("out.patch_tokens", patches, GoldenFile.ValueTolerance);
        if (file.Has("out.resized_tokens"))
            file.Matches("out.resized_tokens", TokenMap.Bilinear(patches, file.Int("resized_grid")), GoldenFile.ValueTolerance);
    }
}

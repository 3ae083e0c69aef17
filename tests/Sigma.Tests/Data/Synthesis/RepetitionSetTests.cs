using Sigma.Data;
using Sigma.Data.Sets;
using Sigma.Data.Synthesis;

namespace Sigma.Tests.Data.Synthesis;

[Trait("Category", "data")]
public sealed class RepetitionSetTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-repetitions-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_set_is_read_as_ucfrep_with_the_counts_that_were_drawn()
    {
        new RepetitionSet(12, seed: 3).Write(folder.FullName);
        var layout = DataSetLayout.Named("ucfrep");
        var (train, val) = (layout.Read(folder.FullName, "train"), layout.Read(folder.FullName, "val"));
        Assert.Equal([2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7], train.Entries.Select(entry => entry.Count!.Value));
        Assert.Equal([2, 3, 4], val.Entries.Select(entry => entry.Count!.Value));
        foreach (var entry in train.Entries.Concat(val.Entries))
        {
            using var video = ClipReader.Open(entry.Path);
            Assert.InRange(entry.Frames!.Last, 42, video.Frames - 1);
        }
    }

    [Fact]
    public void The_thing_comes_back_exactly_as_often_as_the_annotation_says()
    {
        const int size = 48;
        for (var count = RepetitionScene.Fewest; count <= RepetitionScene.Most; count++)
        {
            var random = new CounterRandom(1, 0, count, Purpose.Synthesis);
            var scene = RepetitionScene.Draw(count, size, ref random);
            byte[] Frame(int frame)
            {
                var rgb = new byte[size * size * 3];
                scene.Render(frame, size, rgb);
                return rgb;
            }
            var rest = Frame(scene.Bounds[0]);
            var alike = Enumerable.Range(0, scene.Frames).Where(frame => Frame(frame).AsSpan().SequenceEqual(rest)).ToHashSet();
            // At rest before the first bound, at every bound, and after the last one; nowhere between.
            var expected = Enumerable.Range(0, scene.Frames).Where(frame => frame < scene.Bounds[0] || frame > scene.Bounds[^1]).Concat(scene.Bounds);
            Assert.Equal(expected.Order(), alike.Order());
            Assert.Equal(count, scene.Bounds.Length - 1);
        }
    }
}

using System.Text.Json.Nodes;
using Sigma.Data;
using Sigma.Data.Sets;
using Sigma.Tests.Cli;

namespace Sigma.Tests.Data.Sets;

[Trait("Category", "data")]
public sealed class DataScanTests : IDisposable
{
    private readonly SetFolder set = new();

    public void Dispose() => set.Dispose();

    [Fact]
    public void A_scan_tells_what_is_missing_unreadable_short_and_double()
    {
        Broken();
        var scan = Scan("fx-s1", "train", frames: 16);
        Assert.Equal(["missing"], scan.Missing);
        Assert.Equal(["torn", "text"], scan.Unreadable.Select(u => u.Name));
        Assert.Equal(["twice"], scan.Duplicates);
        Assert.Empty(scan.TooShort);
        Assert.Equal(["good", "twice", "twice"], scan.Usable.Select(e => e.Name));
        Assert.Equal([4, 2], scan.Histogram.Values.Take(2));
        Assert.All(Scan("fx-s1", "train", frames: 21).TooShort, s => Assert.Equal(SetFolder.VideoFrames, s.Frames));
    }

    [Fact]
    public void Repetitions_beyond_the_end_of_the_video_are_found()
    {
        set.Text("annotations/repetition_label/Biking.txt", "a\n1 20\nb\n1 21\n").Bytes("annotations/train/a.mat", []).Bytes("annotations/train/b.mat", [])
            .Videos("UCF-101/Biking/a.avi", "UCF-101/Biking/b.avi");
        var unusable = Assert.Single(Scan("ucfrep", "train", 16).Unreadable);
        Assert.Equal(("b", "has 20 frames, but the annotation goes up to frame 21"), (unusable.Name, unusable.Reason));
    }

    [Fact]
    public void Sequences_need_frames_and_masks()
    {
        set.Text("ImageSets/2017/val.txt", "whole\nmaskless\nempty\ngone\n")
            .Pictures("JPEGImages/480p/whole/00000.jpg", "JPEGImages/480p/whole/00001.jpg", "Annotations/480p/whole/00000.png", "JPEGImages/480p/maskless/00000.jpg")
            .Text("JPEGImages/480p/empty/notes.txt", "");
        var scan = Scan("davis2017", "val", 16);
        Assert.Equal(["gone"], scan.Missing);
        Assert.Equal(["maskless", "empty"], scan.Unreadable.Select(u => u.Name));
        Assert.Equal([new ShortEntry("whole", 2)], scan.TooShort);
        Assert.Equal(
            ["path,masks", "../JPEGImages/480p/whole,../Annotations/480p/whole"], File.ReadAllLines(DataSetManifest.Write(scan.Set, scan.Usable, set["out"])));
    }

    [Fact]
    public void Pictures_are_decoded_and_never_short()
    {
        set.Pictures("train/n01/a.JPEG", "train/n01/b.png").Text("train/n02/c.JPEG", "no picture");
        var scan = Scan("imagenet", "train", 16);
        Assert.Equal(["n02/c"], scan.Unreadable.Select(u => u.Name));
        Assert.Empty(scan.TooShort);
    }

    [Fact]
    public void Two_classes_of_one_name_are_counted_apart()
    {
        set.Text("gym99_train_element_v1.0.txt", "a 58\nb 70\nc 70\n")
            .Text("gym99_categories.txt", "Clabel:  58; set: 33; Glabel: 290; (BB) salto backward tucked\nClabel:  70; set: 35; Glabel: 359; (BB) salto backward tucked\n");
        var histogram = Scan("gym99", "train", 16).Histogram;
        Assert.Equal((99, 1, 2), (histogram.Count, histogram["(BB) salto backward tucked (58)"], histogram["(BB) salto backward tucked (70)"]));
    }

    [Fact]
    public void The_list_that_is_written_is_read_again_with_its_labels()
    {
        set.Text("train.csv", "label,youtube_id,time_start,time_end\nair drumming,a,0,10\nabseiling,b,0,10\n")
            .Videos("train/air drumming/a_000000_000010.mp4", "train/abseiling/b_000000_000010.mp4");
        var scan = Scan("kinetics400", "train", 16);
        var manifest = Manifest.Load(DataSetManifest.Write(scan.Set, scan.Usable, set["lists"]), labels: true);
        Assert.Equal([1, 0], [manifest[0].Label!.Value, manifest[1].Label!.Value]);
        Assert.True(File.Exists(manifest[0].Path));
        Assert.Equal(["abseiling", "air drumming"], File.ReadAllLines(set["lists/classes.txt"]));
    }

    [Fact]
    public void Several_labels_and_counts_have_columns_of_their_own()
    {
        set.Text("Charades_v1_classes.txt", "c000 a\nc001 b\n").Text("Charades_v1_test.csv", "id,actions\nX,c001 1 2;c000 2 3\nY,\n").Videos("Charades_v1_480/X.mp4", "Charades_v1_480/Y.mp4");
        Assert.Equal(["path,labels", "../Charades_v1_480/X.mp4,0;1", "../Charades_v1_480/Y.mp4,"], File.ReadAllLines(Written("charades", "test")));
        set.Text("annotations/repetition_label/Biking.txt", "a\n2 9 18\n").Bytes("annotations/val/a.mat", []).Videos("UCF-101/Biking/a.avi");
        Assert.Equal(["path,count,first,last", "../UCF-101/Biking/a.avi,2,1,17"], File.ReadAllLines(Written("ucfrep", "val")));
    }

    [Fact]
    public void The_command_prints_counts_and_writes_lists_and_facts()
    {
        Broken();
        var outcome = Program.Run("data", "scan", "FX-S1", "--root", set.Root, "--out", set["lists"], "--json", set["facts.json"]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains("FineGym, FX-S1, train: 6 entries (published 1882)", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("missing     1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("left out", outcome.Errors, StringComparison.Ordinal);
        var split = JsonNode.Parse(File.ReadAllText(set["facts.json"]))!["splits"]![0]!;
        Assert.Equal((6, 1882, "missing"), (split["entries"]!.GetValue<int>(), split["published"]!.GetValue<int>(), split["missing"]![0]!.GetValue<string>()));
        Assert.Equal(3, File.ReadAllLines(set["lists/train.txt"]).Length);
    }

    [Fact]
    public void The_command_refuses_what_it_cannot_read()
    {
        set.Text("gym99_train_element_v1.0.txt", "a 1 2\n");
        foreach (var (told, arguments) in new (string, string[])[]
        {
            ("gym99_train_element_v1.0.txt:1: is not a clip and its label", ["gym99", "--root", set.Root]),
            ("holds no gym99_val_element.txt", ["gym99", "--root", set.Root, "--split", "val"]),
            ("there is no data set nothing", ["nothing", "--root", set.Root]),
        })
        {
            var outcome = Program.Run(["data", "scan", .. arguments]);
            Assert.Equal(2, outcome.Code);
            Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        }
    }

    private void Broken()
    {
        set.Text("annotations/gym99_train_element_v1.0.txt", "good 6\nmissing 6\ntorn 7\ntext 7\ntwice 6\ntwice 6\nother 50\n")
            .Videos("subactions/good.mp4", "subactions/twice.mp4", "subactions/torn.mp4").Text("subactions/text.mp4", "no video");
        File.WriteAllBytes(set["subactions/torn.mp4"], File.ReadAllBytes(set["subactions/good.mp4"])[..200]);
    }

    private DataSetScan Scan(string name, string split, int frames) => DataSetScan.Of(DataSetLayout.Named(name).Read(set.Root, split), frames);

    private string Written(string name, string split)
    {
        var scan = Scan(name, split, 16);
        return DataSetManifest.Write(scan.Set, scan.Usable, set["out"]);
    }
}

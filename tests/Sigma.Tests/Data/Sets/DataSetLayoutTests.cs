using Sigma.Data;
using Sigma.Data.Sets;

namespace Sigma.Tests.Data.Sets;

/// <summary>Every layout in miniature: what its annotation says is what comes out.</summary>
[Trait("Category", "data")]
public sealed class DataSetLayoutTests : IDisposable
{
    private readonly SetFolder set = new();

    public void Dispose() => set.Dispose();

    [Fact]
    public void Kinetics_names_its_clips_by_id_and_seconds()
    {
        set.Text("annotations/train.csv", "label,youtube_id,time_start,time_end,split,is_cc\n\"air drumming\",-3B32lodo2M,59,69,train,0\nabseiling,abc_defghij,0.0,10.0,train,0\n")
            .Text("annotations/val.csv", "label,youtube_id,time_start,time_end,split\nair drumming,zzzzzzzzzzz,1,11,val\n")
            .Videos("train/air drumming/-3B32lodo2M_000059_000069.mp4", "train/abc_defghij_000000_000010.mp4", "val/air_drumming/zzzzzzzzzzz_000001_000011.mkv");
        var train = Read("kinetics400", "train");
        Assert.Equal(["abseiling", "air drumming"], train.Classes);
        Assert.Equal([("-3B32lodo2M_000059_000069", 1), ("abc_defghij_000000_000010", 0)], Labelled(train));
        Assert.Equal([set["train/air drumming/-3B32lodo2M_000059_000069.mp4"], set["train/abc_defghij_000000_000010.mp4"]], train.Entries.Select(e => e.Path));
        // The validation list has one class only, and keeps its number.
        Assert.Equal([("zzzzzzzzzzz_000001_000011", 1)], Labelled(Read("kinetics400", "val")));
        Assert.Equal(set["val/air_drumming/zzzzzzzzzzz_000001_000011.mkv"], Read("k400", "val").Entries[0].Path);
    }

    [Theory]
    [InlineData("labels/", "labels/", "20bn-something-something-v2")]
    [InlineData("annotations/something-something-v2-", "annotations/something-something-v2-", "videos")]
    public void Something_something_finds_the_template_among_the_labels(string lists, string labels, string videos)
    {
        set.Text(labels + "labels.json", """{"Approaching something with your camera":"0", "Holding something next to something":"1"}""")
            .Text(lists + "train.json", """[{"id":"78687","label":"holding potato next to vicks","template":"Holding [something] next to [something]","placeholders":["potato","vicks"]}]""")
            .Text(lists + "validation.json", """[{"id":"74225","label":"approaching a lamp","template":"Approaching [something] with your camera","placeholders":["a lamp"]}]""")
            .Videos(videos + "/78687.webm", videos + "/74225.webm");
        Assert.Equal([("78687", 1)], Labelled(Read("ssv2", "train")));
        Assert.Equal([("74225", 0)], Labelled(Read("something-something-v2", "validation")));
        Assert.Equal(set[videos + "/78687.webm"], Read("ssv2", "train").Entries[0].Path);
    }

    [Fact]
    public void Ucf101_reads_each_of_its_three_splits()
    {
        Ucf();
        Assert.Equal(["ApplyEyeMakeup", "Archery"], Read("ucf101", "train-1").Classes);
        Assert.Equal([("ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01", 0), ("Archery/v_Archery_g08_c01", 1)], Labelled(Read("ucf101", "train-1")));
        Assert.Equal([("Archery/v_Archery_g01_c01", 1)], Labelled(Read("ucf101", "test-1")));
        Assert.Equal([("ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01", 0)], Labelled(Read("ucf101", "test-3")));
    }

    [Fact]
    public void Hmdb51_takes_the_videos_marked_for_the_split()
    {
        set.Text("testTrainMulti_7030_splits/brush_hair_test_split1.txt", "a&b_(1)_brush_hair_u_0.avi 1 \nb.avi 2 \nc.avi 0 \n")
            .Text("testTrainMulti_7030_splits/cartwheel_test_split1.txt", "d.avi 2 \n")
            .Text("testTrainMulti_7030_splits/brush_hair_test_split2.txt", "b.avi 1 \n")
            .Text("testTrainMulti_7030_splits/cartwheel_test_split2.txt", "d.avi 1 \n")
            .Videos("brush_hair/a&b_(1)_brush_hair_u_0.avi", "brush_hair/b.avi", "cartwheel/d.avi");
        Assert.Equal([("brush_hair/a&b_(1)_brush_hair_u_0", 0)], Labelled(Read("hmdb51", "train-1")));
        Assert.Equal([("brush_hair/b", 0), ("cartwheel/d", 1)], Labelled(Read("hmdb51", "test-1")));
        Assert.Equal([("brush_hair/b", 0), ("cartwheel/d", 1)], Labelled(Read("hmdb51", "train-2")));
        Assert.True(File.Exists(Read("hmdb51", "train-1").Entries[0].Path));
    }

    [Fact]
    public void Finegym_parts_take_their_labels_and_count_them_from_zero()
    {
        set.Text("annotations/gym99_train_element_v1.0.txt", "A_E_002184_002237_A_0035_0036 93\nB_E_0_1_A_0_1 6\nC_E_0_1_A_0_1 16\nD_E_0_1_A_0_1 17\n")
            .Text("annotations/gym99_val_element.txt", "E_E_0_1_A_0_1 74\nF_E_0_1_A_0_1 88\nG_E_0_1_A_0_1 73\n")
            .Text("annotations/gym99_categories.txt", "Clabel:   6; set: 21; Glabel:  67; (FX) switch leap with 0.5 turn\nClabel:  88; set: 41; Glabel: 443; (UB) stalder backward to handstand; again\n")
            .Videos("subactions/B_E_0_1_A_0_1.mp4");
        Assert.Equal([93, 6, 16, 17], Read("gym99", "train").Entries.Select(e => e.Label!.Value));
        Assert.Equal([("B_E_0_1_A_0_1", 0), ("C_E_0_1_A_0_1", 10)], Labelled(Read("fx-s1", "train")));
        Assert.Equal([("E_E_0_1_A_0_1", 0), ("F_E_0_1_A_0_1", 14)], Labelled(Read("UB-S1", "val")));
        Assert.Equal((11, "(FX) switch leap with 0.5 turn"), (Read("fx-s1", "train").Classes.Count, Read("fx-s1", "train").Classes[0]));
        Assert.Equal((15, "(UB) stalder backward to handstand; again"), (Read("ub-s1", "val").Classes.Count, Read("ub-s1", "val").Classes[14]));
    }

    [Fact]
    public void Diving48_names_a_class_by_the_parts_of_the_dive()
    {
        set.Text("Diving48_vocab.json", """[["Back", "15som", "05Twis", "FREE"], ["Back", "15som", "15Twis", "FREE"]]""")
            .Text("Diving48_V2_train.json", """[{"vid_name": "-mmq0PT-u8k_00155", "label": 1, "start_frame": 0, "end_frame": 96}]""")
            .Text("Diving48_V2_test.json", """[{"vid_name": "a", "label": 0, "start_frame": 0, "end_frame": 96}]""")
            .Videos("rgb/-mmq0PT-u8k_00155.mp4");
        Assert.Equal([("-mmq0PT-u8k_00155", 1)], Labelled(Read("diving48", "train")));
        Assert.Equal("Back 15som 15Twis FREE", Read("diving48", "test").Classes[1]);
    }

    [Fact]
    public void Ucfrep_counts_the_repetitions_between_the_frames()
    {
        // Blocks of a name and the frames, blank lines between; a video that is in no split has a 0.
        set.Text("annotations/repetition_label/HandstandPushups.txt", "v_HandStandPushups_g01_c01\n1 5 9 14\n\n\nv_HandStandPushups_g02_c01\n0\n\n\nv_HandStandPushups_g03_c01\n3 10\n")
            .Bytes("annotations/train/v_HandStandPushups_g01_c01.mat", []).Bytes("annotations/val/v_HandStandPushups_g03_c01.mat", [])
            .Videos("UCF-101/HandstandPushups/v_HandStandPushups_g01_c01.avi");
        var entry = Assert.Single(Read("ucfrep", "train").Entries);
        Assert.Equal((3, new FrameRange(0, 13), set["UCF-101/HandstandPushups/v_HandStandPushups_g01_c01.avi"]), (entry.Count!.Value, entry.Frames, entry.Path));
        Assert.Equal((1, new FrameRange(2, 9)), (Read("ucf-rc", "val").Entries[0].Count!.Value, Read("ucfrep", "val").Entries[0].Frames));
    }

    [Fact]
    public void Charades_gives_a_video_every_class_that_is_listed_once()
    {
        Charades("46GP8,HR43,Kitchen,6,7,Yes,\"A person cooks, and \"\"sings\"\".\",food,x,c001 11.90 21.20;c000 0.00 12.60;c001 30.00 31.00,30.96\nN11GT,X,Y,1,2,Yes,s,o,d,,20\n");
        var train = Read("charades", "train");
        Assert.Equal(["Holding some clothes", "Putting clothes somewhere"], train.Classes);
        Assert.Equal([0, 1], train.Entries[0].Labels);
        Assert.Empty(train.Entries[1].Labels);
        Assert.Equal(set["Charades_v1_480/46GP8.mp4"], train.Entries[0].Path);
    }

    [Fact]
    public void Imagenet_numbers_the_folders_of_the_training_set()
    {
        set.Pictures("train/n01440764/a.JPEG", "train/n01443537/b.JPEG", "val/n01443537/c.JPEG").Text("val/n01443537/notes.txt", "");
        Assert.Equal([("n01440764/a", 0), ("n01443537/b", 1)], Labelled(Read("imagenet", "train")));
        Assert.Equal([("n01443537/c", 1)], Labelled(Read("imagenet", "val")));
    }

    [Fact]
    public void Cifar100_reads_the_fine_label_of_every_record()
    {
        Cifar();
        Assert.Equal([("train-00000", 2), ("train-00001", 0)], Labelled(Read("cifar100", "train")));
        Assert.Equal(["apple", "aquarium_fish", "baby"], Read("cifar-100", "train").Classes);
    }

    [Fact]
    public void Cifar100_pictures_become_files_with_their_colours()
    {
        Cifar();
        var train = Read("cifar100", "train");
        var list = DataSetManifest.Write(train, train.Entries, set["out"]);
        Assert.Equal(["train/train-00000.png 2", "train/train-00001.png 0"], File.ReadAllLines(list));
        using var reader = Sigma.Media.VideoReader.Open(set["out/train/train-00001.png"]);
        var rgb = new byte[32 * 32 * 3];
        reader.Read([0], null, 32, 32, rgb);
        Assert.Equal([200, 100, 50], rgb[..3]);
        Assert.Equal([7, 100, 50], rgb[^3..]);
    }

    [Fact]
    public void Davis_and_youtube_vos_list_sequences_with_frames_and_masks()
    {
        set.Text("ImageSets/2017/val.txt", "bike-packing\nblackswan\n")
            .Text("train/meta.json", """{"videos": {"0a49": {"objects": {"1": {"category": "dog", "frames": ["00000", "00005"]}}}, "003234408d": {"objects": {}}}}""");
        var davis = Read("davis", "val").Entries[1];
        Assert.Equal(("blackswan", set["JPEGImages/480p/blackswan"], set["Annotations/480p/blackswan"]), (davis.Name, davis.Path, davis.Masks));
        var vos = Read("youtube-vos", "train").Entries;
        Assert.Equal(["003234408d", "0a49"], vos.Select(e => e.Name));
        Assert.Equal((set["train/JPEGImages/0a49"], set["train/Annotations/0a49"]), (vos[1].Path, vos[1].Masks));
    }

    [Theory]
    [InlineData("kinetics400", "train.csv", "label,youtube_id,time_start,time_end\na,b,1,2\na,b,x,2\n", "train.csv:3: has the time x")]
    [InlineData("kinetics400", "train.csv", "label,youtube_id,start,time_end\na,b,1,2\n", "train.csv:1: the header has no column time_start")]
    [InlineData("kinetics400", "train.csv", "label,youtube_id,time_start,time_end\na,b,1\n", "train.csv:2: has 3 fields")]
    [InlineData("gym99", "gym99_train_element_v1.0.txt", "a 1\nb 99\n", "v1.0.txt:2: has the label 99, but labels are whole numbers from 0 to 98")]
    [InlineData("gym99", "gym99_train_element_v1.0.txt", "a 1\nb\n", "v1.0.txt:2: is not a clip and its label")]
    [InlineData("davis2017", "ImageSets/2017/train.txt", "a\nb c\n", "train.txt:2: is not the name of a sequence")]
    [InlineData("youtubevos", "train/meta.json", "{\"videos\":\n {\"a\": 1}}", "meta.json:2: names no objects for a")]
    [InlineData("youtubevos", "train/meta.json", "[]", "meta.json: holds no object")]
    public void A_line_that_makes_no_sense_is_named_with_its_file(string name, string file, string text, string told)
    {
        set.Text(file, text);
        Refused(name, "train", told);
    }

    [Fact]
    public void Unknown_labels_are_named_with_file_and_line()
    {
        Ucf();
        set.Text("ucfTrainTestlist/trainlist02.txt", "Archery/v_Archery_g08_c01.avi 2\nYoYo/v_YoYo_g01_c01.avi 101\nArchery/x.avi 1\n");
        Refused("ucf101", "train-2", "trainlist02.txt:2: has the label YoYo, which is none of the 2 classes", "trainlist02.txt:3: has the label 1, but Archery is 2");

        Charades("46GP8,H,K,6,7,Yes,s,o,d,c002 11.90 21.20,30\nX,H,K,6,7,Yes,s,o,d,nonsense,30\n");
        Refused("charades", "train", "Charades_v1_train.csv:2: has the label 002", "Charades_v1_train.csv:3: has the action nonsense");

        set.Text("labels.json", """{"A something":"0"}""")
            .Text("train.json", "[\n {\"id\":\"1\",\"template\":\"A [something]\"},\n {\"id\":\"2\",\"template\":\"B\"},\n {\"id\":3}\n]");
        Refused("ssv2", "train", "train.json:3: has the label B, which is none of the 1 classes", "train.json:4: has no text under \"id\"");

        set.Text("Diving48_vocab.json", """[["a"]]""").Text("Diving48_V2_train.json", "[{\"vid_name\":\"x\",\"label\":1},\n");
        Refused("diving48", "train", "Diving48_V2_train.json:1: has the label 1", "Diving48_V2_train.json:2: is no JSON");
    }

    [Fact]
    public void Annotations_that_break_off_are_refused()
    {
        set.Text("annotations/repetition_label/Biking.txt", "a\n1 5\nb\n").Bytes("annotations/train/a.mat", []);
        Refused("ucfrep", "train", "Biking.txt: ends with b");
        set.Text("annotations/repetition_label/Biking.txt", "a\n1 5 5\n");
        Refused("ucfrep", "train", "Biking.txt:2: has the frames 1 5 5");
        set.Text("annotations/repetition_label/Biking.txt", "c\n1 5\n");
        Refused("ucfrep", "train", "has no frames for 1 videos of train: a");
        Cifar();
        set.Bytes("cifar-100-binary/test.bin", new byte[3000]);
        Refused("cifar100", "test", "test.bin: has 3000 bytes, which are not whole pictures of 3074");
        set.Bytes("cifar-100-binary/test.bin", [0, 3, .. new byte[3072]]);
        Refused("cifar100", "test", "test.bin: has the label 3 at picture 0");
        set.Pictures("train/a/a.png", "val/b/b.png");
        Refused("imagenet", "val", "has the folder b, which is none of the 1 classes");
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        Assert.Contains("did you mean ucf101", Assert.Throws<BadInputException>(() => DataSetLayout.Named("ufc101")).Message, StringComparison.Ordinal);
        Assert.Contains("it has train-1, test-1", Assert.Throws<BadInputException>(() => Read("ucf101", "val")).Message, StringComparison.Ordinal);
        Assert.Contains("no such folder", Assert.Throws<BadInputException>(() => DataSetLayout.Named("ucf101").Read(set["nowhere"], "train-1")).Message, StringComparison.Ordinal);
        foreach (var layout in DataSetLayout.All)
        {
            var e = Assert.Throws<AnnotationMissingException>(() => layout.Read(set.Root, layout.Splits[0].Name));
            Assert.Contains(set.Root, e.Message, StringComparison.Ordinal);
        }
    }

    private void Ucf() => set
        .Text("ucfTrainTestlist/classInd.txt", "1 ApplyEyeMakeup\r\n2 Archery\r\n")
        .Text("ucfTrainTestlist/trainlist01.txt", "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1\r\nArchery/v_Archery_g08_c01.avi 2\r\n")
        .Text("ucfTrainTestlist/testlist01.txt", "Archery/v_Archery_g01_c01.avi\r\n")
        .Text("ucfTrainTestlist/testlist03.txt", "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi\r\n");

    private void Charades(string rows) => set
        .Text("Charades_v1_classes.txt", "c000 Holding some clothes\nc001 Putting clothes somewhere\n")
        .Text("Charades_v1_train.csv", "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length\n" + rows);

    private void Cifar()
    {
        byte[] plane = new byte[1024];
        byte[] red = [.. plane.Select(_ => (byte)200)];
        red[^1] = 7;
        set.Text("cifar-100-binary/fine_label_names.txt", "apple\naquarium_fish\nbaby\n\n")
            .Bytes("cifar-100-binary/train.bin", [0, 2, .. plane, .. plane, .. plane, 1, 0, .. red, .. plane.Select(_ => (byte)100), .. plane.Select(_ => (byte)50)]);
    }

    private DataSet Read(string name, string split) => DataSetLayout.Named(name).Read(set.Root, split);

    private static IEnumerable<(string, int)> Labelled(DataSet data) => data.Entries.Select(e => (e.Name, e.Label!.Value));

    private void Refused(string name, string split, params string[] told)
    {
        var e = Assert.Throws<ManifestException>(() => Read(name, split));
        Assert.All(told, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }
}

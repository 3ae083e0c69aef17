using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class ManifestTests : IDisposable
{
    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void A_folder_gives_its_videos_at_any_depth_in_ordinal_order()
    {
        Touch("b.mp4", "a/z.MOV", "a/deep/er/été 日本.webm", "Z.mkv", "notes.txt", "mp4", ".hidden.mp4", "a/.git/x.mp4");
        Assert.Equal(["Z.mkv", "a/deep/er/été 日本.webm", "a/z.MOV", "b.mp4"], Names(Manifest.Load(files.Folder)));
    }

    [Fact]
    public void A_path_is_given_as_the_folder_was_named()
    {
        Touch("a.mp4");
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, files.Folder);
        Assert.Equal(relative + "/a.mp4", Manifest.Load(relative)[0].Path);
        Assert.Equal(files["a.mp4"], Manifest.Load(files.Folder + "/")[0].Path);
    }

    [Fact]
    public void The_class_of_a_video_is_the_folder_directly_under_the_one_searched()
    {
        Touch("walk/1.mp4", "run/day 1/2.mp4", "run/3.mp4");
        var manifest = Manifest.Load(files.Folder, labels: true);
        Assert.Equal(["run", "walk"], manifest.Classes);
        Assert.Equal([0, 0, 1], Labels(manifest));
        Assert.Null(Manifest.Load(files.Folder)[0].Label);
        Assert.Empty(Manifest.Load(files.Folder).Classes);
    }

    [Fact]
    public void A_video_outside_any_class_folder_is_named() =>
        AssertRefused(Manifest_of_files("walk/1.mp4", "2.mp4"), labels: true, "2.mp4 has no class");

    [Fact]
    public void A_link_that_leads_back_is_not_followed_and_one_that_leads_elsewhere_is()
    {
        Touch("set/a.mp4", "elsewhere/b.mp4");
        Directory.CreateSymbolicLink(files["set/back"], files["set"]);
        Directory.CreateSymbolicLink(files["set/other"], files["elsewhere"]);
        Assert.Equal(["a.mp4", "other/b.mp4"], Names(Manifest.Load(files["set"]), files["set"]));
    }

    [Fact]
    public void Links_that_lead_round_in_circles_give_each_video_once_also_where_the_folder_itself_is_reached_by_a_link()
    {
        Touch("set/a.mp4", "set/deep/b.mp4", "elsewhere/c.mp4");
        Directory.CreateSymbolicLink(files["set/deep/up"], "..");
        Directory.CreateSymbolicLink(files["set/deep/whole"], files["set"]);
        Directory.CreateSymbolicLink(files["set/other"], files["elsewhere"]);
        Directory.CreateSymbolicLink(files["elsewhere/back"], files["set"]);
        Directory.CreateSymbolicLink(files["link"], files["set"]);
        string[] once = ["a.mp4", "deep/b.mp4", "other/c.mp4"];
        Assert.Equal(once, Names(Manifest.Load(files["set"]), files["set"]));
        Assert.Equal(once, Names(Manifest.Load(files["link"]), files["link"]));
    }

    [Fact]
    public void A_missing_folder_is_refused_with_its_name() =>
        AssertRefused(files["nowhere"], labels: false, "nowhere: there is no such folder or list");

    [Fact]
    public void An_empty_folder_is_refused_with_the_endings_looked_for() =>
        AssertRefused(files.Folder, labels: false, "holds no video", ".mkv, .mov, .mp4");

    [Fact]
    public void A_video_in_the_place_of_a_list_is_refused() =>
        AssertRefused(files.WriteText("clip.mp4", "x"), labels: false, "is a video, not a list of videos");

    [Fact]
    public void A_binary_file_in_the_place_of_a_list_is_refused() =>
        AssertRefused(files.WriteText("list.bin", "ab\0\u0001c"), labels: false, "is no text file");

    [Fact]
    public void A_list_is_relative_to_itself_and_may_hold_comments_quotes_and_tabs()
    {
        var list = files.WriteText("sub/list.txt", """
            # the morning's clips
            plain.mp4
              indented.mp4   

            "with spaces.mp4"
            "with "" quote.mp4" 3
            /absolute/été.mp4 1
            全角　空白.mp4 1
            """ + "\r\ntab and spaces.mp4\t2\r\n");
        var manifest = Manifest.Load(list);
        Assert.Equal(
            [files["sub/plain.mp4"], files["sub/indented.mp4"], files["sub/with spaces.mp4"], files["sub/with \" quote.mp4"],
                "/absolute/été.mp4", files["sub/全角　空白.mp4"], files["sub/tab and spaces.mp4"]],
            Enumerable.Range(0, manifest.Count).Select(i => manifest[i].Path));
    }

    [Fact]
    public void Labels_of_a_list_may_be_numbers()
    {
        var manifest = Manifest.Load(files.WriteText("list.txt", "a.mp4 3\nb.mp4 0\n\"c d.mp4\" 3\n"), labels: true);
        Assert.Equal(["0", "1", "2", "3"], manifest.Classes);
        Assert.Equal([3, 0, 3], Labels(manifest));
    }

    [Fact]
    public void Labels_of_a_list_may_be_names()
    {
        var manifest = Manifest.Load(files.WriteText("list.txt", "a.mp4 walk\nb.mp4\tjump up\nc.mp4 walk\nd.mp4 2\n"), labels: true);
        Assert.Equal(["2", "jump up", "walk"], manifest.Classes);
        Assert.Equal([2, 1, 2, 0], Labels(manifest));
    }

    [Fact]
    public void Labels_of_a_second_set_are_those_of_the_first()
    {
        var classes = Manifest.Load(files.WriteText("train.txt", "a.mp4 run\nb.mp4 sit\nc.mp4 walk\n"), labels: true).Classes;
        Assert.Equal([2, 0], Labels(Manifest.Load(files.WriteText("val.txt", "a.mp4 walk\nb.mp4 run\n"), labels: true, classes)));
        // A class that looks like a number, seen alone.
        var mixed = Manifest.Load(files.WriteText("train.txt", "a.mp4 007\nb.mp4 sit\n"), labels: true).Classes;
        Assert.Equal([0], Labels(Manifest.Load(files.WriteText("val.txt", "a.mp4 007\n"), labels: true, mixed)));
        var e = Assert.Throws<ManifestException>(
            () => Manifest.Load(files.WriteText("val.txt", "a.mp4 walk\nb.mp4 fly\n"), labels: true, classes));
        Assert.Contains("val.txt:2: the label fly is none of the 3 classes", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("path,label\na.mp4,1\n\"b, c.mp4\",0\n")]
    [InlineData("label, Video ,note\n1,a.mp4,\n0 , \"b, c.mp4\" ,x\n")]
    [InlineData("class,file\n1,a.mp4\n# comment\n0,\"b, c.mp4\"")]
    public void A_csv_is_read_by_its_header(string text)
    {
        var manifest = Manifest.Load(files.WriteText("list.csv", text), labels: true);
        Assert.Equal(["a.mp4", "b, c.mp4"], Names(manifest));
        Assert.Equal([1, 0], Labels(manifest));
    }

    [Theory]
    [InlineData("list.txt", "", "list.txt: lists no video")]
    [InlineData("list.txt", "a.mp4 1\nb.mp4\n", "list.txt:2: b.mp4 has no label")]
    [InlineData("list.txt", "a.mp4 1\n\nmy clip of May.mp4 2\n", "list.txt:3: has 5 fields")]
    [InlineData("list.txt", "my clip.mp4\n", "list.txt:1: has the label clip.mp4, which looks like a part of a path")]
    [InlineData("list.txt", "\"a.mp4 1\n", "list.txt:1: has a double quote that is not closed")]
    [InlineData("list.txt", "\"a\"b.mp4 1\n", "list.txt:1: has b.mp4 directly after a closing double quote")]
    [InlineData("list.txt", "a.mp4 4000000\n", "list.txt:1: the label 4000000 is no class")]
    [InlineData("list.csv", "a.mp4,1\n", "list.csv:1: the header has no column path, video or file, but a.mp4, 1")]
    [InlineData("list.csv", "path,kind\na.mp4,1\n", "list.csv:1: the header has no column label or class")]
    [InlineData("list.csv", "path,label\na.mp4,1\n,2\n", "list.csv:3: names no video")]
    [InlineData("list.csv", "path,label\na,b.mp4,1\n", "list.csv:2: has 3 fields, but the header names 2")]
    [InlineData("list.csv", "path,label\n", "list.csv: lists no video")]
    public void A_bad_line_is_named(string name, string text, string expected) =>
        AssertRefused(files.WriteText(name, text), labels: true, expected);

    [Fact]
    public void All_bad_lines_are_told_at_once()
    {
        var e = Assert.Throws<ManifestException>(() => Manifest.Load(files.WriteText("list.txt", "a b c\nok.mp4\n\"x\nd e f\n")));
        Assert.Equal([1, 3, 4], e.Problems.Select(problem => problem.Line));
    }

    [Fact]
    public void The_hash_tells_lists_apart_and_not_where_they_lie()
    {
        string Hash(string name, string text, bool labels = true) => Manifest.Load(files.WriteText(name, text), labels).Hash;
        var hash = Hash("list.txt", "a.mp4 1\nb.mp4 0\n");
        Assert.Equal(hash, Hash("other/list.txt", "# same\na.mp4 1\nb.mp4 0\n"));
        Assert.NotEqual(hash, Hash("list.txt", "a.mp4 1\nb.mp4 1\n"));
        Assert.NotEqual(hash, Hash("list.txt", "b.mp4 0\na.mp4 1\n"));
        Assert.NotEqual(hash, Hash("list.txt", "a.mp4 1\nb.mp4 0\n", labels: false));
        Assert.Matches("^[0-9a-f]{64}$", hash);
    }

    private string Manifest_of_files(params string[] names)
    {
        Touch(names);
        return files.Folder;
    }

    private void Touch(params string[] names)
    {
        foreach (var name in names)
            files.WriteText(name, "");
    }

    private string[] Names(Manifest manifest, string? root = null) =>
        [.. Enumerable.Range(0, manifest.Count).Select(i => Path.GetRelativePath(root ?? files.Folder, manifest[i].Path))];

    private static int[] Labels(Manifest manifest) => [.. Enumerable.Range(0, manifest.Count).Select(i => manifest[i].Label!.Value)];

    private static void AssertRefused(string path, bool labels, params string[] expected)
    {
        var e = Assert.Throws<ManifestException>(() => Manifest.Load(path, labels));
        Assert.All(expected, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }
}

using Sigma.Data;

namespace Sigma.Tests;

[Trait("Category", "data")]
public sealed class WholeFileTests
{
    [Fact]
    public void A_file_that_cannot_be_finished_leaves_the_earlier_one_and_nothing_beside_it()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "list.txt");
        WholeFile.WriteLines(path, ["earlier"]);

        static IEnumerable<string> Broken()
        {
            yield return "half";
            throw new IOException("the disk is full");
        }

        Assert.Equal($"{path} cannot be written: the disk is full", Assert.Throws<IOException>(() => WholeFile.WriteLines(path, Broken())).Message);
        Assert.Equal("earlier\n", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("two words, and a comma")]
    [InlineData("a \"quote\"")]
    [InlineData(" blanks around ")]
    [InlineData("")]
    public void A_field_of_a_table_comes_back_as_it_was(string text) =>
        Assert.Equal([text, "next"], ListFields.OfTable($"{ListFields.ForTable(text)},next"));
}

using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public class PixelsTests
{
    [Fact]
    public void Mirroring_turns_each_row_and_keeps_the_colours()
    {
        byte[] rgb = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19];
        Pixels.Mirror(rgb, width: 3);
        Assert.Equal([7, 8, 9, 4, 5, 6, 1, 2, 3, 17, 18, 19, 14, 15, 16, 11, 12, 13], rgb);
    }

    [Theory]
    [InlineData(255, 255, 255, 255)]
    [InlineData(0, 0, 0, 0)]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(10, 200, 30, 124)]
    public void Grey_is_the_luma_of_BT_601(byte red, byte green, byte blue, byte luma)
    {
        byte[] rgb = [red, green, blue];
        Pixels.Grey(rgb);
        Assert.Equal([luma, luma, luma], rgb);
    }
}

using FsCheck;
using FsCheck.Fluent;
using Sigma.Masking;

namespace Sigma.Tests.Masking;

[Trait("Category", "masks")]
public sealed class FlowColourTests
{
    [Fact]
    public void What_stands_still_is_white_and_so_is_everything_where_nothing_moves()
    {
        Assert.Equal(Colour.White, FlowColour.Of(0, 0, 2));
        Assert.Equal(Colour.White, FlowColour.Of(3, 4, 0));
    }

    [Fact]
    public void Right_is_red_down_yellowish_left_between_cyan_and_blue_and_up_violet()
    {
        Assert.Equal(new Colour(255, 0, 0), FlowColour.Of(2, 0, 2));
        Assert.True(FlowColour.Of(0, 2, 2) is { Red: 255, Green: > 200, Blue: 0 });
        Assert.True(FlowColour.Of(-2, 0, 2) is { Red: 0, Green: > 150, Blue: 255 });
        Assert.True(FlowColour.Of(0, -2, 2) is { Red: > 50 and < 150, Green: 0, Blue: 255 });
    }

    [Fact]
    public void Half_the_length_is_half_as_full_and_more_than_the_length_is_darker() => Assert.Equal(
        [new Colour(255, 128, 128), new Colour(255, 0, 0), new Colour(191, 0, 0)],
        [FlowColour.Of(1, 0, 2), FlowColour.Of(2, 0, 2), FlowColour.Of(9, 0, 2)]);

    [Fact]
    public void Directions_next_to_each_other_have_colours_next_to_each_other() => Prop.ForAll(
        Gen.Choose(0, 3599).ToArbitrary(),
        tenths =>
        {
            var (here, there) = (At(tenths), At(tenths + 1));
            return Math.Abs(here.Red - there.Red) <= 4 && Math.Abs(here.Green - there.Green) <= 4 && Math.Abs(here.Blue - there.Blue) <= 4;
        }).QuickCheckThrowOnFailure();

    private static Colour At(int tenths)
    {
        var (sin, cos) = Math.SinCos(tenths * Math.PI / 1800);
        return FlowColour.Of(cos, sin, 1.0001);
    }
}

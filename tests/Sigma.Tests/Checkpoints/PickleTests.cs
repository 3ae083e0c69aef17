using System.Numerics;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Pickle;
using static Sigma.Tests.Checkpoints.Pickles;

namespace Sigma.Tests.Checkpoints;

[Trait("Category", "checkpoints")]
public sealed class PickleTests
{
    public static TheoryData<string, object?> Scalars() => new()
    {
        { "N.", null }, { "\u0088.", true }, { "\u0089.", false }, { "I01\n.", true }, { "I00\n.", false },
        { "I-7\n.", -7L }, { "J\u00ff\u00ff\u00ff\u00ff.", -1L }, { "K\u00ff.", 255L }, { "M\u0001\u0002.", 513L },
        { "L12345678901234567890123L\n.", BigInteger.Parse("12345678901234567890123") }, { "L-5L\n.", -5L },
        { "\u008a\u0000.", 0L }, { "\u008a\u0001\u0080.", -128L }, { "\u008b\u0002\u0000\u0000\u0000\u0000\u0001.", 256L },
        { "F1.5e3\n.", 1500.0 }, { "Finf\n.", double.PositiveInfinity }, { "G\u003f\u00f8\u0000\u0000\u0000\u0000\u0000\u0000.", 1.5 },
        { "S'a\\n\\x41\\\\'\n.", "a\nA\\" }, { "S\"it's\"\n.", "it's" }, { "T\u0002\u0000\u0000\u0000hi.", "hi" }, { "U\u0002hi.", "hi" },
        { "U\u0001\u00e9.", "é" }, { "Vx\\u00e9\\U0001F600\\n\n.", "xé😀\\n" }, { "X\u0002\u0000\u0000\u0000\u00c3\u00a9.", "é" }, { "\u008c\u0002\u00c3\u00a9.", "é" },
        { "\u008d\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000z.", "z" },
    };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void Every_way_to_write_a_scalar_is_read(string pickle, object? expected) => Assert.Equal(expected, Read(Ascii(pickle)));

    [Theory]
    [InlineData("C\u0002\u0001\u00ff.")]
    [InlineData("B\u0002\u0000\u0000\u0000\u0001\u00ff.")]
    [InlineData("\u008e\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001\u00ff.")]
    [InlineData("\u0096\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001\u00ff.")]
    [InlineData("c_codecs\nencode\nX\u0003\u0000\u0000\u0000\u0001\u00c3\u00bfX\u0006\u0000\u0000\u0000latin1\u0086R.")]
    public void Every_way_to_write_bytes_is_read(string pickle) => Assert.Equal(new byte[] { 1, 255 }, Read(Ascii(pickle)));

    [Theory]
    [InlineData("]K\u0001\u0061K\u0002\u0061.")]
    [InlineData("](K\u0001K\u0002e.")]
    [InlineData("(K\u0001K\u0002l.")]
    [InlineData("\u0080\u0005\u0095\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0000]\u0094(K\u0001K\u0002e.")]
    public void Every_way_to_write_a_list_is_read(string pickle) => Assert.Equal(new List<object?> { 1L, 2L }, Read(Ascii(pickle)));

    [Theory]
    [InlineData("(K\u0001K\u0002t.")]
    [InlineData("K\u0001K\u0002\u0086.")]
    [InlineData("ctorch\nSize\nK\u0001K\u0002\u0086\u0085R.")]
    public void Every_way_to_write_a_tuple_is_read(string pickle) => Assert.Equal(new object?[] { 1L, 2L }, Read(Ascii(pickle)));

    [Theory]
    [InlineData("}U\u0001xK\u0001s.")]
    [InlineData("}(U\u0001xK\u0001u.")]
    [InlineData("(U\u0001xK\u0001d.")]
    [InlineData("ccollections\nOrderedDict\n)RU\u0001xK\u0001s.")]
    [InlineData("ccollections\nOrderedDict\n]U\u0001xK\u0001\u0086\u0061\u0085R.")]
    [InlineData("ccollections\ndefaultdict\nc__builtin__\nlist\n\u0085RU\u0001xK\u0001s.")]
    public void Every_way_to_write_a_dictionary_is_read(string pickle)
    {
        var dict = Assert.IsType<PickleDict>(Read(Ascii(pickle)));
        Assert.True(dict.TryGetValue("x", out var value));
        Assert.Equal(1L, value);
        Assert.Single(dict);
    }

    [Theory]
    [InlineData("\u008f(K\u0001\u0090.", false)]
    [InlineData("(K\u0001\u0091.", true)]
    [InlineData("c__builtin__\nset\n]K\u0001\u0061\u0085R.", false)]
    public void Every_way_to_write_a_set_is_read(string pickle, bool frozen)
    {
        var set = Assert.IsType<PickleSet>(Read(Ascii(pickle)));
        Assert.Equal(frozen, set.Frozen);
        Assert.Equal(new List<object?> { 1L }, set.Items);
    }

    [Theory]
    [InlineData("cos\nsystem\nU\u0004true\u0085R.")]
    [InlineData("(U\u0004trueios\nsystem\n.")]
    [InlineData("(cos\nsystem\nU\u0004trueo.")]
    [InlineData("U\u0002osU\u0006system\u0093U\u0004true\u0085R.")]
    [InlineData("cos\nsystem\nU\u0004true\u0085\u0081.")]
    [InlineData("cos\nsystem\nU\u0004true\u0085}\u0092.")]
    public void A_call_of_anything_is_kept_as_data_and_never_made(string pickle)
    {
        var inert = Assert.IsType<InertObject>(Read(Ascii(pickle)));
        Assert.Equal(new InertName("os", "system"), inert.Callable);
        Assert.Equal(new object?[] { "true" }, inert.Arguments);
    }

    [Fact]
    public void State_items_and_keys_of_an_inert_object_are_kept()
    {
        var inert = Assert.IsType<InertObject>(Read(Ascii("cmy\nThing\n)\u0081K\u0001\u0061U\u0001kK\u0002sU\u0005state\u0062.")));
        Assert.Equal(new List<object?> { 1L }, inert.Items);
        Assert.True(inert.Entries!.TryGetValue("k", out var value));
        Assert.Equal(2L, value);
        Assert.Equal("state", inert.State);
    }

    [Fact]
    public void A_list_that_contains_itself_is_read()
    {
        var list = Assert.IsType<List<object?>>(Read(Ascii("]q\u0000h\u0000\u0061.")));
        Assert.Same(list, Assert.Single(list));
    }

    [Fact]
    public void What_the_memo_recalls_is_the_same_object()
    {
        var pair = Assert.IsType<object?[]>(Read(Ascii("]p0\ng0\n\u0086.")));
        Assert.Same(pair[0], pair[1]);
    }

    [Theory]
    [InlineData("", "runs past the end")]
    [InlineData(".", "not there")]
    [InlineData("K\u0001", "runs past the end")]
    [InlineData("\u0080\u0006N.", "protocol 6")]
    [InlineData("\u00ff.", "0xff is not an instruction")]
    [InlineData("(N0.", "not there")]
    [InlineData("N(a.", "not there")]
    [InlineData("t.", "mark")]
    [InlineData("}(U\u0001xu.", "no value")]
    [InlineData("K\u0001K\u0002\u0061.", "not a list")]
    [InlineData("]K\u0001K\u0002s.", "not a dictionary")]
    [InlineData("K\u0001K\u0002\u0062.", "state")]
    [InlineData("h\u0005.", "never remembered")]
    [InlineData("Nr\u00ff\u00ff\u00ff\u00ff.", "remembers entry")]
    [InlineData("Np999999999999\n.", "remembers entry")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff.", "runs past the end")]
    [InlineData("T\u00ff\u00ff\u00ff\u00ff.", "runs past the end")]
    [InlineData("\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.", "past the end")]
    [InlineData("\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f.", "past the end")]
    [InlineData("\u0095\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fN.", "past the end")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u007f.", "integer of")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u00ff.", "integer of")]
    [InlineData("Ix\n.", "integer")]
    [InlineData("F.\n.", "number")]
    [InlineData("Sabc\n.", "quotes")]
    [InlineData("Vabc", "no end")]
    [InlineData("K\u0001K\u0002\u0093.", "not text")]
    [InlineData("cos\nsystem\nNR.", "not a tuple")]
    [InlineData("\u0097.", "outside of the file")]
    public void A_malformed_pickle_is_refused_with_the_reason(string pickle, string reason)
    {
        var fault = Assert.Throws<CheckpointFormatException>(() => Read(Ascii(pickle)));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.Contains("test.pkl", fault.Message, StringComparison.Ordinal);
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sigma.Checkpoints.Pickle;

/// <summary>Runs a pickle (protocols 0 to 5) as data: it builds numbers, text, bytes, lists (<c>List</c>), tuples (arrays),
/// dictionaries, sets and tensors. Every other name stays a name and every other call stays a record of the call.</summary>
/// <remarks>No recursion: depth costs one stack entry. Lengths are compared with what is left before anything is allocated,
/// and everything built counts against the budget of <see cref="PickleInput"/>.</remarks>
internal sealed class PickleReader
{
    const int MaxIntegerBytes = 1024;
    const int ContainerCost = 4;
    static readonly UTF8Encoding Strict = new(false, true);

    readonly PickleInput input;
    readonly PickleStack stack;
    readonly KnownCalls calls;
    readonly Func<object?, object?> persistent;

    PickleReader(PickleInput input, Func<object?, object?>? persistent)
    {
        this.input = input;
        this.persistent = persistent ?? (id => new InertObject { Callable = new InertName("pickle", "persistent_id"), Arguments = id });
        stack = new PickleStack(input);
        calls = new KnownCalls(input);
    }

    /// <summary>Reads one pickle up to its stop instruction.</summary>
    /// <param name="input">Where it starts; stands behind it afterwards.</param>
    /// <param name="persistent">What a persistent id stands for; without it, an inert object.</param>
    /// <exception cref="CheckpointFormatException">The pickle is malformed or too large.</exception>
    public static object? Read(PickleInput input, Func<object?, object?>? persistent = null) =>
        new PickleReader(input, persistent).Run();

    object? Run()
    {
        while (true)
        {
            var opcode = (PickleOpcode)input.NextInstruction();
            if (opcode == PickleOpcode.Stop) return stack.Pop();
            if (!Scalar(opcode) && !Container(opcode) && !Machine(opcode) && !Object(opcode))
                throw input.Fault($"0x{(byte)opcode:x2} is not an instruction of a pickle");
        }
    }

    /// <summary>Instructions that push a number, text or bytes.</summary>
    bool Scalar(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.None: stack.Push(null); break;
            case PickleOpcode.NewTrue: stack.Push(true); break;
            case PickleOpcode.NewFalse: stack.Push(false); break;
            case PickleOpcode.BinInt: stack.Push((long)(int)U32()); break;
            case PickleOpcode.BinInt1: stack.Push((long)input.Byte()); break;
            case PickleOpcode.BinInt2: stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(input.Take(2, "an integer"))); break;
            case PickleOpcode.Int: stack.Push(TextInteger(true)); break;
            case PickleOpcode.Long: stack.Push(TextInteger(false)); break;
            case PickleOpcode.Long1: stack.Push(Integer(input.Byte())); break;
            case PickleOpcode.Long4: stack.Push(Integer((int)U32())); break;
            case PickleOpcode.Float: stack.Push(TextFloat()); break;
            case PickleOpcode.BinFloat: stack.Push(BinaryPrimitives.ReadDoubleBigEndian(input.Take(8, "a number"))); break;
            case PickleOpcode.Unicode: stack.Push(PickleText.RawUnicode(input.Line())); break;
            case PickleOpcode.BinUnicode: stack.Push(Text(U32())); break;
            case PickleOpcode.ShortBinUnicode: stack.Push(Text(input.Byte())); break;
            case PickleOpcode.BinUnicode8: stack.Push(Text(Length8())); break;
            case PickleOpcode.String:
                stack.Push(PickleText.Quoted(input.Line()) ?? throw input.Fault("a text is not in quotes"));
                break;
            case PickleOpcode.BinString: stack.Push(Text((int)U32())); break;
            case PickleOpcode.ShortBinString: stack.Push(Text(input.Byte())); break;
            case PickleOpcode.BinBytes: stack.Push(Bytes(U32())); break;
            case PickleOpcode.ShortBinBytes: stack.Push(Bytes(input.Byte())); break;
            case PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8: stack.Push(Bytes(Length8())); break;
            default: return false;
        }
        return true;
    }

    /// <summary>Instructions that make containers and put values into them.</summary>
    bool Container(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.EmptyTuple: stack.Push(Array.Empty<object?>()); break;
            case PickleOpcode.EmptyList: PushNew(new List<object?>()); break;
            case PickleOpcode.EmptyDict: PushNew(new PickleDict()); break;
            case PickleOpcode.EmptySet: PushNew(new PickleSet()); break;
            case PickleOpcode.List: stack.Push(new List<object?>(stack.PopToMark())); break;
            case PickleOpcode.Tuple: stack.Push(stack.PopToMark()); break;
            case PickleOpcode.Tuple1: PushTuple(1); break;
            case PickleOpcode.Tuple2: PushTuple(2); break;
            case PickleOpcode.Tuple3: PushTuple(3); break;
            case PickleOpcode.FrozenSet: stack.Push(new PickleSet { Items = [.. stack.PopToMark()], Frozen = true }); break;
            case PickleOpcode.Dict:
                var dict = new PickleDict();
                SetItems(dict, stack.PopToMark());
                stack.Push(dict);
                break;
            case PickleOpcode.Append:
                var item = stack.Pop();
                AddItems(stack.Top(), [item]);
                break;
            case PickleOpcode.Appends or PickleOpcode.AddItems:
                var items = stack.PopToMark();
                AddItems(stack.Top(), items);
                break;
            case PickleOpcode.SetItem:
                var value = stack.Pop();
                var key = stack.Pop();
                SetItems(stack.Top(), [key, value]);
                break;
            case PickleOpcode.SetItems:
                var pairs = stack.PopToMark();
                SetItems(stack.Top(), pairs);
                break;
            default: return false;
        }
        return true;
    }

    /// <summary>Instructions about the machine itself: protocol, marks, memo.</summary>
    bool Machine(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Protocol:
                var protocol = input.Byte();
                if (protocol > 5) throw input.Fault($"pickle protocol {protocol} is not known, 0 to 5 are");
                break;
            case PickleOpcode.Frame:
                var length = Length8();
                if (length > input.Remaining) throw input.Fault($"a frame of {length} bytes runs past the end of the pickle");
                break;
            case PickleOpcode.Mark: stack.Mark(); break;
            case PickleOpcode.Pop: stack.Discard(); break;
            case PickleOpcode.PopMark: stack.PopToMark(); break;
            case PickleOpcode.Dup: stack.Push(stack.Top()); break;
            case PickleOpcode.Get: stack.Push(stack.Recall(LineNumber())); break;
            case PickleOpcode.BinGet: stack.Push(stack.Recall(input.Byte())); break;
            case PickleOpcode.LongBinGet: stack.Push(stack.Recall(U32())); break;
            case PickleOpcode.Put: stack.Remember(LineNumber()); break;
            case PickleOpcode.BinPut: stack.Remember(input.Byte()); break;
            case PickleOpcode.LongBinPut: stack.Remember(U32()); break;
            case PickleOpcode.Memoize: stack.Memoize(); break;
            case PickleOpcode.ReadOnlyBuffer: break;
            case PickleOpcode.NextBuffer: throw input.Fault("the pickle takes a buffer from outside of the file");
            default: return false;
        }
        return true;
    }

    /// <summary>Instructions that name things and would call them.</summary>
    bool Object(PickleOpcode opcode)
    {
        object? arguments, named;
        switch (opcode)
        {
            case PickleOpcode.Global: stack.Push(Name()); break;
            case PickleOpcode.StackGlobal:
                var (name, module) = (stack.Pop(), stack.Pop());
                stack.Push(new InertName(
                    module as string ?? throw input.Fault("the module of a name is not text"),
                    name as string ?? throw input.Fault("a name is not text")));
                break;
            case PickleOpcode.Extension1: stack.Push(Extension(input.Byte())); break;
            case PickleOpcode.Extension2: stack.Push(Extension(BinaryPrimitives.ReadUInt16LittleEndian(input.Take(2, "an extension")))); break;
            case PickleOpcode.Extension4: stack.Push(Extension(U32())); break;
            case PickleOpcode.PersistentId: stack.Push(persistent(PickleText.Latin1(input.Line()))); break;
            case PickleOpcode.BinPersistentId: stack.Push(persistent(stack.Pop())); break;
            case PickleOpcode.Reduce or PickleOpcode.NewObject:
                arguments = stack.Pop();
                stack.Push(calls.Call(stack.Pop(), arguments, null));
                break;
            case PickleOpcode.NewObjectEx:
                (named, arguments) = (stack.Pop(), stack.Pop());
                stack.Push(calls.Call(stack.Pop(), arguments, named));
                break;
            case PickleOpcode.Inst:
                var callable = Name();
                stack.Push(calls.Call(callable, stack.PopToMark(), null));
                break;
            case PickleOpcode.Obj:
                var above = stack.PopToMark();
                if (above.Length == 0) throw input.Fault("an object without a class");
                stack.Push(calls.Call(above[0], above[1..], null));
                break;
            case PickleOpcode.Build:
                var state = stack.Pop();
                Build(stack.Top(), state);
                break;
            default: return false;
        }
        return true;
    }

    void PushNew(object container)
    {
        input.Charge(ContainerCost);
        stack.Push(container);
    }

    void PushTuple(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--) items[i] = stack.Pop();
        stack.Push(items);
    }

    void AddItems(object? target, object?[] items)
    {
        switch (target)
        {
            case List<object?> list: list.AddRange(items); break;
            case PickleSet { Frozen: false } set: set.Items.AddRange(items); break;
            case InertObject inert: (inert.Items ??= []).AddRange(items); break;
            default: throw input.Fault("values are added to something that is not a list");
        }
    }

    void SetItems(object? target, object?[] pairs)
    {
        var dict = target switch
        {
            PickleDict plain => plain,
            InertObject inert => inert.Entries ??= new PickleDict(),
            _ => throw input.Fault("keys are set on something that is not a dictionary"),
        };
        if (pairs.Length % 2 != 0) throw input.Fault("a key of a dictionary has no value");
        for (var i = 0; i < pairs.Length; i += 2) dict.Set(pairs[i], pairs[i + 1]);
    }

    void Build(object? target, object? state)
    {
        switch (target)
        {
            case InertObject inert: inert.State = state; break;
            case PickleDict dict: dict.Attributes = state; break;
            case StoredTensor: break; // attributes that somebody hung on a parameter
            default: throw input.Fault("a state is set on something that has none");
        }
    }

    uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(input.Take(4, "a length"));

    long Length8()
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(input.Take(8, "a length"));
        return length <= long.MaxValue ? (long)length : throw input.Fault($"{length} bytes run past the end of the pickle");
    }

    byte[] Bytes(long length) => input.Take(length, "a byte string").ToArray();

    string Text(long length)
    {
        var bytes = input.Take(length, "a text");
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return PickleText.Latin1(bytes); // text of Python 2, which had no encoding of its own
        }
    }

    InertName Name()
    {
        var module = PickleText.Latin1(input.Line());
        return new InertName(module, PickleText.Latin1(input.Line()));
    }

    static InertObject Extension(long code) => new() { Callable = new InertName("copyreg", "extension"), Arguments = code };

    object Integer(int length)
    {
        if (length is < 0 or > MaxIntegerBytes) throw input.Fault($"an integer of {(uint)length} bytes, at most {MaxIntegerBytes} are read");
        return Narrow(new BigInteger(input.Take(length, "an integer")));
    }

#pragma warning disable CA1859 // The analyzer overlooks that the long is boxed as a long.
    static object Narrow(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
#pragma warning restore CA1859

    object TextInteger(bool orBool)
    {
        var line = input.Line();
        if (orBool && line.SequenceEqual("00"u8)) return false;
        if (orBool && line.SequenceEqual("01"u8)) return true;
        if (line.Length > 0 && line[^1] == 'L') line = line[..^1];
        if (line.Length <= MaxIntegerBytes
            && BigInteger.TryParse(Encoding.ASCII.GetString(line), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return Narrow(value);
        throw input.Fault("a line that should hold an integer does not");
    }

    double TextFloat()
    {
        var line = input.Line();
        return line.Length <= 64 && PickleText.Float(line) is { } value ? value : throw input.Fault("a line that should hold a number does not");
    }

    long LineNumber()
    {
        var line = input.Line();
        return line.Length <= 20 && long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw input.Fault("a line that should hold the number of a memo entry does not");
    }
}

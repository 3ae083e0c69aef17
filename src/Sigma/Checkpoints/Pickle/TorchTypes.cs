using Sigma.Torch;

namespace Sigma.Checkpoints.Pickle;

/// <summary>Names under which PyTorch's files know the element types.</summary>
internal static class TorchTypes
{
    /// <summary>The type of a storage class (<c>torch.FloatStorage</c>), or null where this project has no such elements.</summary>
    public static ScalarType? OfStorage(InertName storage) => (storage.Module, storage.Name) switch
    {
        ("torch" or "torch.cuda", "DoubleStorage") => ScalarType.Float64,
        ("torch" or "torch.cuda", "FloatStorage") => ScalarType.Float32,
        ("torch" or "torch.cuda", "HalfStorage") => ScalarType.Float16,
        ("torch" or "torch.cuda", "BFloat16Storage") => ScalarType.BFloat16,
        ("torch" or "torch.cuda", "LongStorage") => ScalarType.Int64,
        ("torch" or "torch.cuda", "IntStorage") => ScalarType.Int32,
        ("torch" or "torch.cuda", "ShortStorage") => ScalarType.Int16,
        ("torch" or "torch.cuda", "CharStorage") => ScalarType.Int8,
        ("torch" or "torch.cuda", "ByteStorage") => ScalarType.UInt8,
        ("torch" or "torch.cuda", "BoolStorage") => ScalarType.Bool,
        ("torch.storage" or "torch", "UntypedStorage" or "_UntypedStorage") => ScalarType.UInt8,
        _ => null,
    };

    /// <summary>The type of an element type's name (<c>torch.float32</c>), or null where this project has none such.</summary>
    public static ScalarType? OfName(InertName type) => type.Module != "torch" ? null : type.Name switch
    {
        "float64" => ScalarType.Float64,
        "float32" => ScalarType.Float32,
        "float16" => ScalarType.Float16,
        "bfloat16" => ScalarType.BFloat16,
        "int64" => ScalarType.Int64,
        "int32" => ScalarType.Int32,
        "int16" => ScalarType.Int16,
        "int8" => ScalarType.Int8,
        "uint8" => ScalarType.UInt8,
        "bool" => ScalarType.Bool,
        _ => null,
    };
}

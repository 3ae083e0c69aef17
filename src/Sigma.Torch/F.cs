namespace Sigma.Torch;

/// <summary>libtorch's operators by their own names, a line each; defaults are those of the operators' schemas.</summary>
public static class F
{
    private static Tensor Op(string name, params ReadOnlySpan<Arg> arguments) => Operator.Get(name).Call(arguments);

    // Making

    /// <summary>Zeros.</summary>
    public static Tensor Zeros(long[] shape, ScalarType type = ScalarType.Float32, Device device = default) =>
        Op("aten::zeros", shape, type, Arg.None, device);

    /// <summary>Ones.</summary>
    public static Tensor Ones(long[] shape, ScalarType type = ScalarType.Float32, Device device = default) =>
        Op("aten::ones", shape, type, Arg.None, device);

    /// <summary>One value everywhere.</summary>
    public static Tensor Full(long[] shape, double value, ScalarType type = ScalarType.Float32, Device device = default) =>
        Op("aten::full", shape, value, type, Arg.None, device);

    /// <summary>0, 1, … end - 1.</summary>
    public static Tensor Arange(long end, ScalarType type = ScalarType.Int64, Device device = default) =>
        Op("aten::arange", end, type, Arg.None, device);

    /// <summary>Zeros shaped like another tensor.</summary>
    public static Tensor ZerosLike(Tensor x) => Op("aten::zeros_like", x);

    // Type, place, memory

    /// <summary>The same values as another type; the tensor itself where it is of that type already.</summary>
    public static Tensor To(Tensor x, ScalarType type) => Op("aten::to.dtype", x, type);

    /// <summary>The same values as another type on another device.</summary>
    public static Tensor To(Tensor x, ScalarType type, Device device) => Op("aten::to.device", x, device, type);

    /// <summary>The same values on another device.</summary>
    public static Tensor To(Tensor x, Device device) => To(x, x.Type, device);

    /// <summary>A copy in pinned memory, which a GPU fetches from by itself.</summary>
    public static Tensor PinMemory(Tensor x) => Op("aten::pin_memory", x);

    /// <summary>The same values in row-major order without gaps.</summary>
    public static Tensor Contiguous(Tensor x) => Op("aten::contiguous", x);

    /// <summary>A copy.</summary>
    public static Tensor Clone(Tensor x) => Op("aten::clone", x);

    /// <summary>The same memory without a history.</summary>
    public static Tensor Detach(Tensor x) => Op("aten::detach", x);

    /// <summary>Overwrites x with y's values.</summary>
    public static void Copy_(Tensor x, Tensor y) => Operator.Get("aten::copy_").Run(x, y);

    // Shape

    /// <summary>The same elements in another shape, without a copy where possible; one -1 is worked out.</summary>
    public static Tensor Reshape(Tensor x, params long[] shape) => Op("aten::reshape", x, shape);

    /// <summary>Dimensions in another order.</summary>
    public static Tensor Permute(Tensor x, params long[] order) => Op("aten::permute", x, order);

    /// <summary>Two dimensions swapped.</summary>
    public static Tensor Transpose(Tensor x, int a, int b) => Op("aten::transpose.int", x, a, b);

    /// <summary>A dimension of length 1 put in.</summary>
    public static Tensor Unsqueeze(Tensor x, int dimension) => Op("aten::unsqueeze", x, dimension);

    /// <summary>A dimension of length 1 taken out.</summary>
    public static Tensor Squeeze(Tensor x, int dimension) => Op("aten::squeeze.dim", x, dimension);

    /// <summary>Dimensions of length 1 stretched without a copy; -1 keeps a length.</summary>
    public static Tensor Expand(Tensor x, params long[] shape) => Op("aten::expand", x, shape);

    /// <summary>Joined along a dimension.</summary>
    public static Tensor Cat(Tensor[] parts, int dimension) => Op("aten::cat", parts, dimension);

    /// <summary>Stacked along a new dimension.</summary>
    public static Tensor Stack(Tensor[] parts, int dimension) => Op("aten::stack", parts, dimension);

    /// <summary>A stretch of a dimension, without a copy.</summary>
    public static Tensor Narrow(Tensor x, int dimension, long start, long length) => Op("aten::narrow", x, dimension, start, length);

    /// <summary>One place of a dimension, without a copy.</summary>
    public static Tensor Select(Tensor x, int dimension, long index) => Op("aten::select.int", x, dimension, index);

    /// <summary>Rows of a dimension by their indices.</summary>
    public static Tensor IndexSelect(Tensor x, int dimension, Tensor indices) => Op("aten::index_select", x, dimension, indices);

    /// <summary>Elements of a dimension by an index for each place.</summary>
    public static Tensor Gather(Tensor x, int dimension, Tensor indices) => Op("aten::gather", x, dimension, indices);

    /// <summary>Where the condition is true x, elsewhere y.</summary>
    public static Tensor Where(Tensor condition, Tensor x, Tensor y) => Op("aten::where.self", condition, x, y);

    // Elementwise

    /// <summary>e to the power of x.</summary>
    public static Tensor Exp(Tensor x) => Op("aten::exp", x);

    /// <summary>e to the power of x, in place.</summary>
    public static void Exp_(Tensor x) => Operator.Get("aten::exp_").Run(x);

    /// <summary>Natural logarithm.</summary>
    public static Tensor Log(Tensor x) => Op("aten::log", x);

    /// <summary>Square root.</summary>
    public static Tensor Sqrt(Tensor x) => Op("aten::sqrt", x);

    /// <summary>1 / x.</summary>
    public static Tensor Reciprocal(Tensor x) => Op("aten::reciprocal", x);

    /// <summary>Magnitude.</summary>
    public static Tensor Abs(Tensor x) => Op("aten::abs", x);

    /// <summary>The exact GELU.</summary>
    public static Tensor Gelu(Tensor x) => Op("aten::gelu", x);

    /// <summary>x · x.</summary>
    public static Tensor Square(Tensor x) => x * x;

    /// <summary>At most this value.</summary>
    public static Tensor ClampMax(Tensor x, double most) => Op("aten::clamp_max", x, most);

    /// <summary>At least this value.</summary>
    public static Tensor ClampMin(Tensor x, double least) => Op("aten::clamp_min", x, least);

    // Products

    /// <summary>x · weightᵀ + bias.</summary>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null) => Op("aten::linear", x, weight, bias);

    /// <summary>Matrix product, batched where there are more than two dimensions.</summary>
    public static Tensor MatMul(Tensor x, Tensor y) => Op("aten::matmul", x, y);

    /// <summary>3-D convolution whose kernels do not overlap when stride equals the kernel's size.</summary>
    public static Tensor Conv3d(Tensor x, Tensor weight, Tensor? bias, long[] stride) => Op("aten::conv3d", x, weight, bias, stride);

    /// <summary>2-D convolution.</summary>
    public static Tensor Conv2d(Tensor x, Tensor weight, Tensor? bias, long[] stride) => Op("aten::conv2d", x, weight, bias, stride);

    // Maps [B, C, H, W] in another size, corners not aligned

    /// <summary>Bilinear, without antialiasing.</summary>
    public static Tensor ResizeBilinear(Tensor x, long height, long width) =>
        Op("aten::upsample_bilinear2d", x, new[] { height, width }, false);

    /// <summary>Trilinear [B, C, T, H, W], without antialiasing and with corners not aligned.</summary>
    public static Tensor ResizeTrilinear(Tensor x, long frames, long height, long width) =>
        Op("aten::upsample_trilinear3d", x, new[] { frames, height, width }, false);

    /// <summary>Bicubic (a = -0.75), without antialiasing; the scales, not the sizes, place the sampling points.</summary>
    public static Tensor ResizeBicubic(Tensor x, long height, long width, double scaleHeight, double scaleWidth) =>
        Op("aten::upsample_bicubic2d", x, new[] { height, width }, false, scaleHeight, scaleWidth);

    /// <summary>Bicubic (a = -0.5), with the kernel widened where the map shrinks.</summary>
    public static Tensor ResizeBicubicAntialiased(Tensor x, long height, long width) =>
        Op("aten::_upsample_bicubic2d_aa", x, new[] { height, width }, false);

    // Reductions

    /// <summary>Sum of all elements.</summary>
    public static Tensor Sum(Tensor x) => Op("aten::sum", x);

    /// <summary>Sum over dimensions.</summary>
    public static Tensor Sum(Tensor x, long[] dimensions, bool keep = false) => Op("aten::sum.dim_IntList", x, dimensions, keep);

    /// <summary>Mean of all elements.</summary>
    public static Tensor Mean(Tensor x) => Op("aten::mean", x);

    /// <summary>Mean over dimensions.</summary>
    public static Tensor Mean(Tensor x, long[] dimensions, bool keep = false) => Op("aten::mean.dim", x, dimensions, keep);

    /// <summary>Variance over dimensions; unbiased divides by n - 1.</summary>
    public static Tensor Variance(Tensor x, long[] dimensions, bool unbiased, bool keep = false) =>
        Op("aten::var.dim", x, dimensions, unbiased, keep);

    /// <summary>Largest element.</summary>
    public static Tensor Max(Tensor x) => Op("aten::max", x);

    /// <summary>Largest element along a dimension.</summary>
    public static Tensor Max(Tensor x, int dimension, bool keep = false) => Op("aten::amax", x, new long[] { dimension }, keep);

    /// <summary>Place of the largest element along a dimension.</summary>
    public static Tensor ArgMax(Tensor x, int dimension) => Op("aten::argmax", x, dimension);

    /// <summary>The k largest along a dimension: values, indices.</summary>
    public static (Tensor Values, Tensor Indices) TopK(Tensor x, long k, int dimension)
    {
        var results = Operator.Get("aten::topk").CallMany(2, x, k, dimension);
        return (results[0]!, results[1]!);
    }

    // Networks

    /// <summary>Normalises the last dimension.</summary>
    public static Tensor LayerNorm(Tensor x, Tensor weight, Tensor bias, double eps) =>
        Op("aten::layer_norm", x, new long[] { weight.Elements }, weight, bias, eps);

    /// <summary>
    /// Tokens plus a branch […, D], and the layer norm of that sum; on a GPU in one pass where no gradient is wanted, the branch
    /// is in bf16 and the tokens are not. The norm has the branch's type then.
    /// </summary>
    public static (Tensor Sum, Tensor Normed) AddNorm(Tensor tokens, Tensor branch, Tensor weight, Tensor bias, double eps)
    {
        var results = Operator.Get("sigma::add_norm").CallMany(2, tokens, branch, weight, bias, eps);
        return (results[0]!, results[1]!);
    }

    /// <summary>Scales vectors along a dimension to unit length (length at least 1e-12, as PyTorch's normalize).</summary>
    public static Tensor Normalize(Tensor x, int dimension) =>
        x / ClampMin(Op("aten::linalg_vector_norm", x, 2.0, new long[] { dimension }, true), 1e-12);

    /// <summary>
    /// soft-max(q·kᵀ/√d)·v for every head, without storing the scores (Dao et al. 2022): a qkv product [B, N, 3·D] to
    /// [B, N, D]. On the CPU by a kernel of native/torch, on a GPU by libtorch's own where it has one.
    /// </summary>
    public static Tensor Attention(Tensor qkv, int heads) => Op("sigma::attention", qkv, heads);

    /// <summary>
    /// x·weightᵀ + bias, or GELU(x)·weightᵀ + bias, without storing the activations: on the CPU by a kernel of native/torch, on
    /// a GPU and under autocast by libtorch's operators.
    /// </summary>
    /// <param name="x">[…, in]</param>
    /// <param name="weight">[out, in]</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="gelu">Whether x goes through exact GELU first.</param>
    public static Tensor FusedLinear(Tensor x, Tensor weight, Tensor? bias = null, bool gelu = false) =>
        Op("sigma::linear", x, weight, bias, gelu);

    /// <summary>
    /// Pixels of three bytes […, P], P = 3 · pixels, each colour minus its mean over them, over its unbiased deviation + 1e-6 (of
    /// colours in [0, 1]): […, P] Float32. On the CPU alone.
    /// </summary>
    public static Tensor StandardiseBytes(Tensor tubes) => Op("sigma::standardise_bytes", tubes);

    /// <summary>Soft-max along a dimension.</summary>
    public static Tensor Softmax(Tensor x, int dimension) => Op("aten::softmax.int", x, dimension);

    /// <summary>Mean cross-entropy of logits [N, K] against classes [N] or distributions [N, K].</summary>
    public static Tensor CrossEntropy(Tensor logits, Tensor target, double labelSmoothing = 0) =>
        Op("aten::cross_entropy_loss", logits, target, Arg.None, 1, -100, labelSmoothing);

    /// <summary>
    /// Mean cross-entropy of x·yᵀ/temperature against labels, for x [N, D] and y [K, D] whose product is known. Gradients
    /// are taken at once, so nothing of the product's size is kept for backward.
    /// </summary>
    /// <param name="x">[N, D]</param>
    /// <param name="y">[K, D]</param>
    /// <param name="product">x·yᵀ [N, K] in float32, without gradient; overwritten.</param>
    /// <param name="labels">[N] Int64</param>
    /// <param name="temperature">What the product is divided by.</param>
    public static Tensor ProductCrossEntropy(Tensor x, Tensor y, Tensor product, Tensor labels, double temperature) =>
        Op("sigma::product_cross_entropy", x, y, product, labels, temperature);

    /// <summary>Mean squared error.</summary>
    public static Tensor MseLoss(Tensor x, Tensor target) => Op("aten::mse_loss", x, target);

    // Balancing the columns of scores [N, K] (Sinkhorn) without a matrix of their size; see native/torch/kernels/balance.cpp

    /// <summary>Σ over rows of exp((s − 1)/ε): [K] Float64, for float32 scores of unit vectors.</summary>
    public static Tensor BalanceStart(Tensor scores, double epsilon) => Op("sigma::balance_start", scores, epsilon);

    /// <summary>Σ over rows of the soft-max over columns of s/ε + logScales: [K] Float64.</summary>
    public static Tensor BalanceRound(Tensor scores, Tensor logScales, double epsilon) => Op("sigma::balance_round", scores, logScales, epsilon);

    /// <summary>Place of the largest s/ε + logScales of every row: [N] Int64.</summary>
    public static Tensor BalanceLabels(Tensor scores, Tensor logScales, double epsilon) => Op("sigma::balance_labels", scores, logScales, epsilon);

    // In place, for optimisers and initial weights

    /// <summary>Sets every element.</summary>
    public static void Fill_(Tensor x, double value) => Operator.Get("aten::fill_.Scalar").Run(x, value);

    /// <summary>x · y into x.</summary>
    public static void Mul_(Tensor x, Tensor y) => Operator.Get("aten::mul_.Tensor").Run(x, y);

    /// <summary>x · value into x.</summary>
    public static void Mul_(Tensor x, double value) => Operator.Get("aten::mul_.Scalar").Run(x, value);

    /// <summary>x / y into x.</summary>
    public static void Div_(Tensor x, Tensor y) => Operator.Get("aten::div_.Tensor").Run(x, y);

    /// <summary>x + scale · y into x.</summary>
    public static void Add_(Tensor x, Tensor y, double scale = 1) => Operator.Get("aten::add_.Tensor").Run(x, y, scale);
}

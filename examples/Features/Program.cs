using Sigma.Data;
using Sigma.Evaluation.Frozen;
using Sigma.Torch;

Engine.Threads = Environment.ProcessorCount;
using var encoder = FrozenEncoder.Load(args[0]);                // a run's folder, a checkpoint of it, or published weights
var videos = Manifest.Load(args[1]);                            // a folder or a list
var views = new TestViews(encoder.Clip, segments: 1, crops: 1); // the middle of each video
foreach (var (samples, clips) in new ViewClips(videos, views).Read())
{
    using var scope = new TensorScope();                        // frees the tensors made in it
    var features = F.Mean(encoder.Tokens(clips), [1]).ToArray<float>(); // tokens [B, N, D], their mean [B, D]
    foreach (var (video, feature) in samples.Zip(features.Chunk(encoder.Encoder.Shape.Width)))
        Console.WriteLine(FormattableString.Invariant($"{videos[video].Path}: {feature.Length} numbers, the first {feature[0]:0.000}"));
}

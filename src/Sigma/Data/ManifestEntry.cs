using Sigma.Data.Sets;

namespace Sigma.Data;

/// <summary>One video of a <see cref="Manifest"/>.</summary>
/// <param name="Path">The file, absolute or relative to the current folder, as the manifest was found.</param>
/// <param name="Label">Index into <see cref="Manifest.Classes"/>; null where the manifest was read without labels.</param>
/// <param name="Frames">The frames it is about, as if the video had no others; null for all.</param>
public sealed record ManifestEntry(string Path, int? Label, FrameRange? Frames = null);

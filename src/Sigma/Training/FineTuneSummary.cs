using Sigma.Evaluation;

namespace Sigma.Training;

/// <summary>How a fine-tuning run ended.</summary>
/// <param name="Steps">Updates done in all.</param>
/// <param name="Checkpoint">The last checkpoint's folder.</param>
/// <param name="Best">The best validation so far; null before the first epoch's end, and on all ranks but the first.</param>
/// <param name="Test">The multi-view test of the best weights; null where the schedule is not over, and on all ranks but the first.</param>
/// <param name="ClipsPerSecond">Mean over this process's updates, validation not counted; null where none was left to do.</param>
/// <param name="Unreadable">Videos set aside, with the reason.</param>
/// <param name="Interrupted">Stopped before the schedule's or the limit's end, after saving.</param>
public sealed record FineTuneSummary(
    long Steps, string? Checkpoint, ValidationScore? Best, EvaluationResult? Test, double? ClipsPerSecond, IReadOnlyList<string> Unreadable, bool Interrupted);

namespace Sigma.Training;

/// <summary>
/// The run stopped itself because it diverged or collapsed: going on would cost time and teach nothing. The last good
/// checkpoint is kept; a program ends with exit code 3.
/// </summary>
public sealed class RunStoppedException(string message) : Exception(message);

using System.Diagnostics;
using System.Globalization;

namespace Sigma.Cli;

/// <summary>What is to be launched.</summary>
/// <param name="Ranks">On this machine.</param>
/// <param name="Nodes">Machines.</param>
/// <param name="Node">This one, from 0.</param>
/// <param name="Host">Where rank 0 listens.</param>
/// <param name="Port">The port there; 0 for a free one, where there is one machine.</param>
/// <param name="Restarts">How often to start again.</param>
/// <param name="Line">The command and its options.</param>
internal sealed record LaunchPlan(int Ranks, int Nodes, int Node, string Host, int Port, int Restarts, IReadOnlyList<string> Line)
{
    /// <summary>The first rank of this machine.</summary>
    public int FirstRank => Node * Ranks;

    /// <summary>Whether the command has checkpoints to continue from; the others find by themselves what they kept.</summary>
    private bool Resumes => Line is ["pretrain" or "finetune", ..] or ["evaluate", "severe", ..];

    /// <summary>How one rank is started: this program again, with its place in the environment and its share of the cores.</summary>
    /// <param name="local">Which rank of this machine.</param>
    /// <param name="attempt">How often the ranks were started before.</param>
    /// <param name="port">Where rank 0 listens this time.</param>
    public ProcessStartInfo Start(int local, int attempt, int port)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(LaunchPlan).Assembly.Location);
        foreach (var argument in Line)
            start.ArgumentList.Add(argument);
        // What is started again goes on where the last checkpoint stands.
        if (attempt > 0 && Resumes && !Line.Contains("--resume"))
            start.ArgumentList.Add("--resume");
        Set("RANK", FirstRank + local);
        Set("WORLD_SIZE", Ranks * Nodes);
        Set("LOCAL_RANK", local);
        Set("LOCAL_WORLD_SIZE", Ranks);
        Set("MASTER_PORT", port);
        Set(Training.Ranks.AttemptVariable, attempt);
        Set(Training.Ranks.LauncherVariable, Environment.ProcessId);
        start.Environment["MASTER_ADDR"] = Host;
        // .NET and libgomp believe these, and so do decoding workers and operators.
        var share = Math.Max(1, Environment.ProcessorCount / Ranks);
        Set("DOTNET_PROCESSOR_COUNT", share);
        Set("OMP_NUM_THREADS", share);
        return start;

        void Set(string name, int value) => start.Environment[name] = value.ToString(CultureInfo.InvariantCulture);
    }
}

using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Sigma.Torch;

/// <summary>Which rank this process is, of how many, and where they meet.</summary>
/// <param name="Rank">From 0.</param>
/// <param name="Size">Number of ranks.</param>
/// <param name="LocalRank">Among those of this machine, which is also the number of its GPU.</param>
/// <param name="Host">Where rank 0 is.</param>
/// <param name="Port">On which it listens.</param>
public sealed record RankPlace(int Rank, int Size, int LocalRank, string Host, int Port)
{
    private const int UsualPort = 29500;

    /// <summary>
    /// 1. <c>RANK</c>, <c>WORLD_SIZE</c>, <c>LOCAL_RANK</c>, <c>MASTER_ADDR</c>, <c>MASTER_PORT</c>. 2. SLURM's
    /// <c>SLURM_PROCID</c>, <c>SLURM_NTASKS</c>, <c>SLURM_LOCALID</c> and the first host of <c>SLURM_JOB_NODELIST</c>, where
    /// there is more than one task. 3. Null: this process is alone.
    /// </summary>
    /// <exception cref="ArgumentException">A variable is missing or makes no sense.</exception>
    public static RankPlace? FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <inheritdoc cref="FromEnvironment"/>
    /// <param name="variable">Gives a variable's value, or null.</param>
    internal static RankPlace? From(Func<string, string?> variable)
    {
        if (Text("WORLD_SIZE") is not null)
        {
            var size = Number("WORLD_SIZE", 1, 1 << 20);
            var rank = Number("RANK", 0, size - 1);
            var local = Text("LOCAL_RANK") is null ? 0 : Number("LOCAL_RANK", 0, size - 1);
            // torchrun's agent listens on that port itself.
            var taken = Text("TORCHELASTIC_USE_AGENT_STORE") == "True" ? 1 : 0;
            return new(rank, size, local, Needed("MASTER_ADDR"), Number("MASTER_PORT", 1, 65535 - taken) + taken);
        }
        if (Text("SLURM_PROCID") is null || Text("SLURM_NTASKS") is null || Number("SLURM_NTASKS", 1, 1 << 20) == 1)
            return null;
        var tasks = Number("SLURM_NTASKS", 1, 1 << 20);
        var host = Text("MASTER_ADDR") ?? FirstHost(Text("SLURM_JOB_NODELIST") ?? Needed("SLURM_NODELIST"));
        // Two jobs on one machine take different ports.
        var port = Text("MASTER_PORT") is not null ? Number("MASTER_PORT", 1, 65535)
            : UsualPort + (Text("SLURM_JOB_ID") is null ? 0 : Number("SLURM_JOB_ID", 0, int.MaxValue) % 1000);
        return new(Number("SLURM_PROCID", 0, tasks - 1), tasks, Text("SLURM_LOCALID") is null ? 0 : Number("SLURM_LOCALID", 0, tasks - 1), host, port);

        string? Text(string name) => variable(name) is { Length: > 0 } text ? text : null;
        string Needed(string name) => Text(name) ?? throw new ArgumentException($"{name} is not set, but WORLD_SIZE or SLURM_NTASKS says that there are several ranks: start them with sigma launch, srun or torchrun, or set {name}");
        int Number(string name, int least, int most) =>
            int.TryParse(Needed(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new ArgumentException($"{name} is {Needed(name)}, but must be a whole number from {least} to {most}");
    }

    /// <summary>The first host of a SLURM list: <c>node[07-09,12],gpu1</c> → <c>node07</c>, <c>rack[1-2]n[01-04]</c> → <c>rack1n01</c>.</summary>
    internal static string FirstHost(string list)
    {
        var host = new System.Text.StringBuilder();
        for (var i = 0; i < list.Length && list[i] != ','; i++)
        {
            if (list[i] != '[')
            {
                host.Append(list[i]);
                continue;
            }
            var end = list.IndexOf(']', i);
            if (end < 0)
                throw new ArgumentException($"SLURM_JOB_NODELIST is {list}, where a bracket is not closed");
            host.Append(list[(i + 1)..end].Split(',', '-')[0]);
            i = end;
        }
        return host.Length > 0 ? host.ToString() : throw new ArgumentException("SLURM_JOB_NODELIST names no host");
    }

    /// <summary>
    /// This machine's own address as the others reach it: the one packets to rank 0 leave from. Where that is the loopback
    /// because rank 0's name means this machine itself, while others are elsewhere, the first address of a real interface.
    /// </summary>
    /// <exception cref="ArgumentException">The host has no address.</exception>
    public string OwnAddress()
    {
        IPAddress own;
        try
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(Host, Port); // sends nothing; it only asks the routing table
            own = ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException failure)
        {
            throw new ArgumentException($"{Host}, where rank 0 is said to be (MASTER_ADDR), cannot be found: {failure.Message}", failure);
        }
        if (own.IsIPv4MappedToIPv6)
            own = own.MapToIPv4();
        var loopbackMeant = IPAddress.TryParse(Host, out var given) ? IPAddress.IsLoopback(given) : Host == "localhost";
        if (IPAddress.IsLoopback(own) && !loopbackMeant && RealAddress() is { } real)
            own = real;
        return own.ToString();
    }

    private static IPAddress? RealAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .Where(a => a.AddressFamily == AddressFamily.InterNetwork)
        .FirstOrDefault();
}

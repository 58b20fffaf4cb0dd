using System.Net;
using System.Net.Sockets;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>
/// A name server that can fall silent. It knows one name, and only a process with a mount namespace of its own uses it: glibc always reads
/// <c>/etc/resolv.conf</c> and asks port 53, so this needs root.
/// </summary>
internal sealed class NameServer : IDisposable
{
    /// <summary>Resolves to 127.0.0.1.</summary>
    public const string HostName = "wickr.chaos.test";

    private const string Address = "127.0.0.77";

    /// <summary>The arguments of the shell: the file to use as <c>/etc/resolv.conf</c>, then the command.</summary>
    private const string WithResolver = "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"";

    private readonly string _resolver = Path.GetTempFileName();
    private readonly Socket _socket;
    private volatile bool _isSilent;

    private NameServer(Socket socket)
    {
        _socket = socket;
        // What glibc uses by default is spelled out: two questions, 5 s each.
        File.WriteAllText(_resolver, $"nameserver {Address}\noptions timeout:5 attempts:2\n");
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public bool IsSilent
    {
        get => _isSilent;
        set => _isSilent = value;
    }

    /// <summary>Null when this machine does not allow it.</summary>
    public static NameServer? TryStart()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(Address), 53));
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }

        var server = new NameServer(socket);
        if (server.IsUsed())
            return server;

        server.Dispose();
        return null;
    }

    /// <summary>The same program with this name server as its only one.</summary>
    public ServerPlan Use(ServerPlan plan) => plan with
    {
        Start = (port, upstream) =>
        {
            var start = plan.Start(port, upstream);
            string[] command = ["--mount", "sh", "-c", WithResolver, _resolver, start.FileName];
            for (var index = 0; index < command.Length; index++)
                start.ArgumentList.Insert(index, command[index]);

            start.FileName = "unshare";
            return start;
        },
    };

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_resolver);
    }

    private bool IsUsed()
    {
        try
        {
            return Tools.Run("unshare", ["--mount", "sh", "-c", WithResolver, _resolver, "getent", "ahostsv4", HostName], TimeSpan.FromSeconds(5)).Contains("127.0.0.1", StringComparison.Ordinal);
        }
        catch (Exception impossible) when (impossible is BenchmarkException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private void Serve()
    {
        var query = new byte[512];
        try
        {
            while (true)
            {
                EndPoint client = new IPEndPoint(IPAddress.Any, 0);
                var length = _socket.ReceiveFrom(query, ref client);
                if (!_isSilent && length > 16)
                    _socket.SendTo(Respond(query.AsSpan(0, length)), client);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    /// <summary>RFC 1035, section 4: an A record for every name, and no record of another type.</summary>
    private static byte[] Respond(ReadOnlySpan<byte> query)
    {
        // The question's name ends with an empty label; its type and class follow.
        var questionEnd = 12 + query[12..].IndexOf((byte)0) + 5;
        var isAddress = query[questionEnd - 3] == 1;
        ReadOnlySpan<byte> header = [query[0], query[1], 0x81, 0x80, 0, 1, 0, (byte)(isAddress ? 1 : 0), 0, 0, 0, 0];
        // The name as a pointer to the question, A, IN, 1 s, 4 bytes.
        ReadOnlySpan<byte> record = isAddress ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1] : [];
        return [.. header, .. query[12..questionEnd], .. record];
    }
}

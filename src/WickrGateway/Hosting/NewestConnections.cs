using Microsoft.AspNetCore.Connections;

namespace WickrGateway.Hosting;

/// <summary>
/// Keeps so many connections open and closes the oldest for each further one. Unlike a limit that refuses new connections, idle sockets
/// cannot keep Prometheus and probes out: their requests take milliseconds, so they are never the oldest for long.
/// </summary>
internal sealed class NewestConnections(int max)
{
    private readonly LinkedList<ConnectionContext> _connections = [];
    private readonly Lock _lock = new();

    public ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        var node = new LinkedListNode<ConnectionContext>(connection);
        ConnectionContext? oldest = null;
        lock (_lock)
        {
            _connections.AddLast(node);
            if (_connections.Count > max)
            {
                oldest = _connections.First!.Value;
                _connections.RemoveFirst();
            }
        }

        oldest?.Abort();
        try
        {
            await next(connection);
        }
        finally
        {
            lock (_lock)
            {
                if (node.List is not null)
                    _connections.Remove(node);
            }
        }
    };
}

using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace WickrGateway.Hosting;

/// <summary>
/// Closes each connection beyond <see cref="ConnectionLimits"/> at once, before it is read from and before TLS. Kestrel's own limit knows no
/// addresses, so that one client could take all connections, and it logs a warning for each connection that it closes.
/// </summary>
/// <param name="onRefused">Called for each connection that is closed.</param>
internal sealed class ConnectionLimiter(ConnectionLimits limits, Action onRefused)
{
    private readonly Dictionary<ClientAddress, int> _byAddress = [];
    private readonly Lock _lock = new();
    private int _connections;

    public ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        var address = ClientAddress.Of((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (!TryEnter(address))
        {
            connection.Abort();
            onRefused();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(address);
        }
    };

    private bool TryEnter(ClientAddress address)
    {
        lock (_lock)
        {
            if (_connections >= limits.MaxConnections)
                return false;

            ref var ofAddress = ref CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, address, out _);
            if (limits.MaxConnectionsPerAddress > 0 && ofAddress >= limits.MaxConnectionsPerAddress)
                return false;

            ofAddress++;
            _connections++;
            return true;
        }
    }

    private void Leave(ClientAddress address)
    {
        lock (_lock)
        {
            _connections--;
            if (--CollectionsMarshal.GetValueRefOrNullRef(_byAddress, address) == 0)
                _byAddress.Remove(address);
        }
    }
}

using System.Net.Sockets;

namespace WickrGateway.Commands.Doctor;

/// <summary>Failures of sockets in words of our own.</summary>
internal static class NetworkText
{
    public static string Describe(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData => "the name server does not know the host name",
        SocketError.TryAgain => "the name server does not respond",
        SocketError.ConnectionRefused => "the connection is refused",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown or SocketError.HostDown => "there is no route",
        SocketError.TimedOut => "it does not respond",
        SocketError.ConnectionReset or SocketError.ConnectionAborted => "the connection broke",
        SocketError.AddressAlreadyInUse => "another program uses it",
        SocketError.AccessDenied => "no permission",
        SocketError.AddressNotAvailable => "this host does not have the address",
        _ => failure.SocketErrorCode.ToString(),
    };
}

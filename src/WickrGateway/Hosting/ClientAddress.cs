using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace WickrGateway.Hosting;

/// <summary>What counts as one client: an IPv4 address, or the /64 prefix of an IPv6 address, because a client usually controls all addresses in it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClientAddress(ulong Prefix, bool IsV6)
{
    /// <param name="address">Null, as for a Unix socket, counts as one address.</param>
    public static ClientAddress Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address ??= IPAddress.None;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        address.TryWriteBytes(bytes, out _);
        return new ClientAddress(BinaryPrimitives.ReadUInt64BigEndian(bytes), address.AddressFamily == AddressFamily.InterNetworkV6);
    }
}

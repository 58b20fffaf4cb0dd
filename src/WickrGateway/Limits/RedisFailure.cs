using System.Security.Authentication;
using StackExchange.Redis;

namespace WickrGateway.Limits;

/// <summary>Why Redis cannot be used, in words of our own: those of the client and the server can have anything.</summary>
internal static class RedisFailure
{
    private const int MaxErrorCode = 20;

    /// <param name="last">How the connection failed last, for failures that do not say it.</param>
    public static string Describe(Exception failure, ConnectionFailureType last) => failure switch
    {
        RedisConnectionException when Chain(failure).OfType<AuthenticationException>().Any() => "its TLS certificate is not accepted",
        RedisConnectionException => Describe(Chain(failure).OfType<RedisConnectionException>().Select(cause => cause.FailureType).Append(last).FirstOrDefault(cause => cause is not (ConnectionFailureType.None or ConnectionFailureType.UnableToResolvePhysicalConnection))),
        TimeoutException => "it does not respond in time",
        RedisServerException server => $"it refuses the command with {string.Concat(server.Message.TakeWhile(char.IsAsciiLetterUpper).Take(MaxErrorCode))}",
        _ => failure.GetType().Name,
    };

    /// <summary>A command that finds no connection has the reason for that in its inner exceptions.</summary>
    private static IEnumerable<Exception> Chain(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }

    private static string Describe(ConnectionFailureType failure) => failure switch
    {
        ConnectionFailureType.AuthenticationFailure => "it refuses the user or password",
        ConnectionFailureType.None or ConnectionFailureType.UnableToConnect => "there is no connection",
        ConnectionFailureType.SocketClosed or ConnectionFailureType.SocketFailure => "the connection broke",
        _ => failure.ToString(),
    };
}

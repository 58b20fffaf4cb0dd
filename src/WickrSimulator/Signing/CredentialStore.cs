using System.Security.Cryptography;

namespace WickrSimulator.Signing;

/// <summary>The credentials of the settings, and those of the sessions of roles that STS has made. Thread-safe.</summary>
internal sealed class CredentialStore(IReadOnlyDictionary<string, SigningCredential> configured, TimeProvider clock)
{
    /// <summary>The oldest are forgotten, so that a long load test does not fill the memory.</summary>
    private const int MaxSessions = 100_000;

    private const string KeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SigningCredential> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public SigningCredential? Find(string accessKeyId)
    {
        lock (_gate)
            return _sessions.GetValueOrDefault(accessKeyId) ?? configured.GetValueOrDefault(accessKeyId);
    }

    public SigningCredential Create(string roleArn, string name, string? sourceIdentity, TimeSpan duration)
    {
        var credential = new SigningCredential(
            $"ASIA{RandomNumberGenerator.GetString(KeyAlphabet, 16)}",
            RandomNumberGenerator.GetString(SecretAlphabet, 40),
            RandomNumberGenerator.GetString(SecretAlphabet, 200),
            // AWS's expirations have whole seconds.
            new RoleSession(roleArn, name, sourceIdentity, DateTimeOffset.FromUnixTimeSeconds((clock.GetUtcNow() + duration).ToUnixTimeSeconds())));
        lock (_gate)
        {
            _sessions.Add(credential.AccessKeyId, credential);
            _order.Enqueue(credential.AccessKeyId);
            if (_order.Count > MaxSessions)
                _sessions.Remove(_order.Dequeue());
        }

        return credential;
    }

    public void Reset()
    {
        lock (_gate)
        {
            _sessions.Clear();
            _order.Clear();
        }
    }
}

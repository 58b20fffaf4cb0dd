namespace WickrSimulator.Signing;

/// <summary>Credentials that may sign.</summary>
/// <param name="SessionToken">Null for long-term credentials; temporary ones must send exactly this token.</param>
/// <param name="Session">The role that was assumed for them; null for those of the settings.</param>
internal sealed record SigningCredential(string AccessKeyId, string SecretAccessKey, string? SessionToken, RoleSession? Session = null);

/// <summary>A session of a role.</summary>
/// <param name="SourceIdentity">Null when none was set.</param>
internal sealed record RoleSession(string RoleArn, string Name, string? SourceIdentity, DateTimeOffset Expiration);

/// <summary>Who signed a request, and for which region.</summary>
internal sealed record Signer(SigningCredential Credential, string Region);

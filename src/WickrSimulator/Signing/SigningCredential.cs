namespace WickrSimulator.Signing;

/// <summary>Credentials that may sign.</summary>
/// <param name="SessionToken">Null for long-term credentials; temporary ones must send exactly this token.</param>
internal sealed record SigningCredential(string AccessKeyId, string SecretAccessKey, string? SessionToken);

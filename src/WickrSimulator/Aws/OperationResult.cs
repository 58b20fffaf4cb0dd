namespace WickrSimulator.Aws;

/// <summary>The result of an operation: an error or the body of a 200.</summary>
/// <param name="Effect">Whether this request set a user's state.</param>
internal sealed record OperationResult(AwsError? Error, byte[]? Body, bool Effect)
{
    public static OperationResult Failed(AwsError error) => new(error, Body: null, Effect: false);

    public static OperationResult Succeeded(byte[] body, bool effect) => new(Error: null, body, effect);
}

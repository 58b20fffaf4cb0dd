namespace WickrGateway.Wickr;

/// <summary>Headers of Wickr's API, as AWS's clients write them.</summary>
internal static class WickrHeaders
{
    public const string ClientToken = "X-Client-Token";
    public const string RequestId = "x-amzn-RequestId";
    public const string ErrorType = "x-amzn-ErrorType";
    public const string InvocationId = "amz-sdk-invocation-id";
    public const string AttemptNumber = "amz-sdk-request";
    public const string RetryAfter = "x-amz-retry-after";
}

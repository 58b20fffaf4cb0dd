namespace WickrGateway.Wickr;

/// <summary>Header names on Wickr's side, as AWS's clients write them.</summary>
internal static class WickrHeaders
{
    public const string ClientToken = "X-Client-Token";
    public const string RequestId = "x-amzn-RequestId";
    public const string ErrorType = "x-amzn-ErrorType";
}

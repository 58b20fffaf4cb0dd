using System.Text;
using WickrSimulator.Signing;

namespace WickrSimulator.Tests;

/// <summary>Signatures that AWS publishes: the signature test suite (key <c>AKIDEXAMPLE</c>) and the example of the General Reference.</summary>
public sealed class SigV4VectorTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Stamp = "20150830T123600Z";

    [Theory]
    [InlineData("GET", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("GET", "/", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("POST", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("POST", "/", "Param1=value1", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")]
    public void The_test_suite_s_signatures_come_out(string method, string path, string query, string signature) =>
        Assert.Equal(signature, Sign(method, path, query, "service", ("host", "example.amazonaws.com"), ("x-amz-date", Stamp)));

    [Fact]
    public void The_general_reference_s_example_comes_out() =>
        Assert.Equal(
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            Sign("GET", "/", "Action=ListUsers&Version=2010-05-08", "iam", ("content-type", "application/x-www-form-urlencoded; charset=utf-8"), ("host", "iam.amazonaws.com"), ("x-amz-date", Stamp)));

    private static string Sign(string method, string path, string query, string service, params (string Name, string Value)[] headers)
    {
        var request = new SignedRequest(method, path, query, headers.ToDictionary(header => header.Name, header => new[] { header.Value }, StringComparer.Ordinal), Encoding.UTF8.GetBytes(""));
        var scope = $"20150830/us-east-1/{service}/aws4_request";
        return SigV4.Signature(Secret, scope, SigV4.StringToSign(SigV4.CanonicalRequest(request, headers.Select(header => header.Name)), Stamp, scope));
    }
}

using WickrGateway.Commands;
namespace WickrGateway.Tests.Policy;

/// <summary><c>hash-key</c>: what an operator puts in the settings for an API key.</summary>
public sealed class HashKeyTests
{
    [Fact]
    public void Key_on_standard_input_Prints_its_hash()
    {
        using var output = new StringWriter();

        Assert.Equal(0, CommandLine.HashKey(new StringReader("demo\n"), output, output));

        Assert.Equal(Hosting.GatewayHost.Sha256("demo"), output.ToString().Trim());
    }

    [Fact]
    public void No_input_Generates_a_key_of_256_bits_and_prints_both()
    {
        using var output = new StringWriter();

        Assert.Equal(0, CommandLine.HashKey(new StringReader(""), output, output));

        var made = output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        var key = made[0]["X-Api-Key: ".Length..];
        Assert.Equal(43, key.Length);
        Assert.Equal($"ApiKeySha256: {Hosting.GatewayHost.Sha256(key)}", made[1]);
    }

    [Fact]
    public void Key_does_not_fit_in_a_header_Returns_a_usage_error()
    {
        using var output = new StringWriter();

        Assert.Equal(2, CommandLine.HashKey(new StringReader("two words\n"), output, output));
        Assert.DoesNotContain("two words", output.ToString(), StringComparison.Ordinal);
    }
}

using WickrGateway.Commands;

namespace WickrGateway.Tests.Policy;

/// <summary><c>hash-key</c>: the hash of an API key for the settings.</summary>
public sealed class HashKeyTests
{
    [Fact]
    public void Hash_key_Prints_the_hash_of_the_key_in_the_input()
    {
        using var output = new StringWriter();

        Assert.Equal(0, HashKeyCommand.Run(new StringReader("demo\n"), output, output));

        Assert.Equal(Hosting.GatewayHost.Sha256("demo"), output.ToString().Trim());
    }

    [Fact]
    public void Hash_key_without_input_Generates_a_key_of_256_bits_and_prints_both()
    {
        using var output = new StringWriter();

        Assert.Equal(0, HashKeyCommand.Run(new StringReader(""), output, output));

        var lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        var key = lines[0]["X-Api-Key: ".Length..];
        Assert.Equal(43, key.Length);
        Assert.Equal($"ApiKeySha256: {Hosting.GatewayHost.Sha256(key)}", lines[1]);
    }

    [Fact]
    public void Hash_key_Refuses_a_key_that_cannot_be_sent_in_a_header()
    {
        using var output = new StringWriter();

        Assert.Equal(2, HashKeyCommand.Run(new StringReader("two words\n"), output, output));
        Assert.DoesNotContain("two words", output.ToString(), StringComparison.Ordinal);
    }
}

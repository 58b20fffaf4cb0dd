using WickrGateway.Commands;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary><c>hash-key</c>: the hash of an API key for the settings.</summary>
public sealed class HashKeyTests
{
    [Fact]
    public void Hash_key_Prints_the_hash_of_the_key_in_the_input()
    {
        using var output = new StringWriter();

        Assert.Equal(0, HashKeyCommand.Run(new StringReader("demo-key-of-20-chars\n"), output, output));

        Assert.Equal(GatewayHost.Sha256("demo-key-of-20-chars"), output.ToString().Trim());
    }

    [Fact]
    public void Hash_key_without_input_Generates_a_key_of_256_bits_and_prints_both()
    {
        using var output = new StringWriter();

        Assert.Equal(0, HashKeyCommand.Run(new StringReader(""), output, output));

        var lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        var key = lines[0]["X-Api-Key: ".Length..];
        Assert.Equal(43, key.Length);
        Assert.Equal($"ApiKeySha256: {GatewayHost.Sha256(key)}", lines[1]);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("19-characters-long.")]
    public void Key_has_under_20_characters_Is_refused_with_a_message_and_no_hash(string key)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        Assert.Equal(2, HashKeyCommand.Run(new StringReader($"{key}\n"), output, error));
        Assert.Equal("", output.ToString());
        Assert.Contains("at least 20 characters", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(key.Length > 1 ? key : GatewayHost.Sha256(key), error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hash_key_Refuses_a_key_that_cannot_be_sent_in_a_header()
    {
        using var output = new StringWriter();

        Assert.Equal(2, HashKeyCommand.Run(new StringReader("two words\n"), output, output));
        Assert.DoesNotContain("two words", output.ToString(), StringComparison.Ordinal);
    }
}

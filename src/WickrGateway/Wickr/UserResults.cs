using System.Text.Json;

namespace WickrGateway.Wickr;

/// <summary>Counts the users in Wickr's 200.</summary>
internal static class UserResults
{
    /// <param name="body">One whole JSON object; its content is not trusted further.</param>
    public static (int Successful, int Failed) Count(ReadOnlySpan<byte> body)
    {
        var (successful, failed) = (0, 0);
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1000 });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            // By the raw bytes: comparing a name with escapes throws when an escape is half of a surrogate pair.
            var isSuccessful = json.ValueSpan.SequenceEqual("successful"u8);
            var counts = isSuccessful || json.ValueSpan.SequenceEqual("failed"u8);
            json.Read();
            if (!counts || json.TokenType != JsonTokenType.StartArray)
                json.Skip();
            else if (isSuccessful)
                successful += Elements(ref json);
            else
                failed += Elements(ref json);
        }

        return (successful, failed);
    }

    private static int Elements(ref Utf8JsonReader json)
    {
        var elements = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            elements++;
            json.Skip();
        }

        return elements;
    }
}

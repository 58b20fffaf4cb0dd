using System.Text.Json;
using WickrGateway.Configuration;

namespace WickrGateway;

/// <summary>What is wrong with the settings, for the operator.</summary>
internal static class StartFailure
{
    /// <summary>One line for each fault under a first one; null for a failure that is not about the settings.</summary>
    public static string? Describe(Exception failure) => failure switch
    {
        SettingsException invalid => invalid.Message,
        // The message names the settings file; the exceptions within it can quote what is in there.
        InvalidDataException unreadable => $"WickrGateway cannot start: {unreadable.Message}{(unreadable.GetBaseException() is JsonException { LineNumber: { } number } ? $" It is not valid JSON at line {number + 1}." : "")}",
        _ => null,
    };
}

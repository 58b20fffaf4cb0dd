using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>A caller that suspends and unsuspends its users again and again with one request each, and resumes it as the documents say.</summary>
internal sealed class BulkCaller(HttpClient gateway, string network, int firstUser, int users)
{
    private readonly string[] _userIds = [.. Enumerable.Range(firstUser, users).Select(user => $"{user}")];
    private bool _suspended;

    /// <summary>The desired state of each user.</summary>
    public IEnumerable<(string UserId, bool Suspended)> DesiredStates => _userIds.Select(id => (id, _suspended));

    public int Completed { get; private set; }

    public int Resumed { get; private set; }

    public int WrongSummaries { get; private set; }

    public int Unexpected { get; private set; }

    /// <summary>The last change is completed in any case.</summary>
    public async Task ChangeUntilAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            _suspended = !_suspended;
            var change = new { suspend = _suspended, userIds = _userIds, clientToken = Guid.NewGuid().ToString() };
            while (!await SendAsync(change))
            {
                Resumed++;
                await Task.Delay(50, CancellationToken.None);
            }

            Completed++;
        }
    }

    /// <summary>Whether the list is complete.</summary>
    private async Task<bool> SendAsync(object change)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/networks/{network}/users/suspend-status/bulk") { Content = JsonContent.Create(change) };
            using var response = await gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                Unexpected += response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable ? 0 : 1;
                return false;
            }

            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
            while (await lines.ReadLineAsync() is { } text)
            {
                using var line = JsonDocument.Parse(text);
                if (line.RootElement.TryGetProperty("summary", out _))
                    return Read(line.RootElement);
            }
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or JsonException)
        {
            // Without a summary.
        }

        return false;
    }

    private bool Read(JsonElement summary)
    {
        var isComplete = summary.GetProperty("complete").GetBoolean();
        var all = new[] { "successful", "failed", "unknown", "notSent" }.Sum(count => summary.GetProperty(count).GetInt32());
        if (all != users || (isComplete && summary.GetProperty("successful").GetInt32() != users))
            WrongSummaries++;

        return isComplete;
    }
}

namespace WickrGateway.Wickr;

/// <summary>Refreshes the credentials also without calls, so that the first call of the day does not wait for them and their expiry on <c>/metrics</c> is no false alarm.</summary>
internal sealed class CredentialsRefresh(WickrCredentials credentials, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WickrCredentials.MinInterval, time);
        try
        {
            do
            {
                // It only starts a resolution where one is due, and a slow one does not hold up the shutdown.
                _ = credentials.GetAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host ends. When its start failed, it would log this as an error of the service.
        }
    }
}

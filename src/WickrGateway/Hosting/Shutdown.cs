using System.Runtime.InteropServices;

namespace WickrGateway.Hosting;

/// <summary>The first SIGTERM or SIGINT makes the host stop listening, close idle connections and finish the requests in flight. A second one exits at once.</summary>
internal static class Shutdown
{
    /// <summary>Needed because the host ignores a second signal and keeps waiting.</summary>
    public static IDisposable ExitOnSecondSignal() => new SignalCounter();

    private sealed class SignalCounter : IDisposable
    {
        private readonly PosixSignalRegistration[] _registrations;
        private int _signals;

        public SignalCounter() => _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        ];

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
        }

        private void OnSignal(PosixSignalContext context)
        {
            // The host handles the first signal. Before the host exists, the signal's default action ends the process.
            if (Interlocked.Increment(ref _signals) < 2)
                return;

            // 128 plus the signal's number, the exit code that shells use for an end by signal.
            Environment.Exit(context.Signal == PosixSignal.SIGINT ? 130 : 143);
        }
    }
}

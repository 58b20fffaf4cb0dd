using System.Runtime.InteropServices;

namespace WickrGateway.Hosting;

/// <summary>How the gateway ends: the host stops listening and closes idle connections; what was begun is finished first, unless told twice.</summary>
internal static class Shutdown
{
    /// <summary>The host takes every signal for the first one, so it would keep waiting; whoever asks twice means at once.</summary>
    public static IDisposable EndAtOnceOnSecondSignal() => new SecondSignal();

    private sealed class SecondSignal : IDisposable
    {
        private readonly PosixSignalRegistration[] _registrations;
        private int _signals;

        public SecondSignal() => _registrations =
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
            // The first one is the host's; before there is a host it ends the process, as it should.
            if (Interlocked.Increment(ref _signals) < 2)
                return;

            // 128 and the signal's number, as a shell tells the end by a signal.
            Environment.Exit(context.Signal == PosixSignal.SIGINT ? 130 : 143);
        }
    }
}

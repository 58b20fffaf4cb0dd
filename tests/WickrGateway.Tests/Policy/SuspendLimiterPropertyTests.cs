using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Limits;
using WickrGateway.Policy;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.Tests.Policy;

/// <summary>
/// Whatever the order of requests, their ends, changed limits and time: never more than the limit is let through, and nothing is refused while
/// there is room. The comparison is <see cref="SuspendLimitModel"/>.
/// </summary>
public sealed class SuspendLimiterPropertyTests
{
    private const int Callers = 3;
    private const int Networks = 2;
    private const int Users = 14;

    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(150);

    private enum Ending
    {
        Applied,
        PartlyFailed,
        FailedAndSuccessful,
        NotApplied,
        NotSent,
        Unknown,
        Abandoned,
    }

    private abstract record Step
    {
        /// <summary>For a counterexample that can be read.</summary>
        private static string List(int[] ids) => string.Join(' ', ids);

        public sealed record Ask(int Caller, int Network, bool Suspend, int[] Ids) : Step
        {
            public override string ToString() => $"{(Suspend ? "suspend" : "unsuspend")} {List(Ids)} of network {Network} by caller {Caller}";
        }

        /// <param name="Which">Of the requests under way.</param>
        /// <param name="Failed">Of the users, where a part of them fails.</param>
        /// <param name="EffectShare">In percent of the time between start and end.</param>
        public sealed record Finish(int Which, Ending Ending, int[] Failed, int EffectShare) : Step
        {
            public override string ToString() => $"end number {Which}: {Ending}, failed {List(Failed)}, effect at {EffectShare} %";
        }

        public sealed record Wait(int Seconds) : Step;

        public sealed record SetCallerLimit(int Caller, int? Limit) : Step;

        public sealed record SetPolicy(int PerCaller, int PerNetwork, int? OfFirstNetwork) : Step;
    }

    private static Gen<int[]> Ids => from count in Gen.Choose(1, 6) from ids in Gen.Choose(1, Users).ArrayOf(count) select ids;

    /// <summary>0 is no limit.</summary>
    private static Gen<int> Limit => Gen.Frequency((1, Gen.Constant(0)), (9, Gen.Choose(1, 12)));

    private static Gen<int?> OptionalLimit => Gen.Frequency((1, Gen.Constant((int?)null)), (2, Limit.Select(limit => (int?)limit)));

    private static Gen<Step> Steps => Gen.Frequency(
        (10, from caller in Gen.Choose(0, Callers - 1)
             from network in Gen.Choose(0, Networks - 1)
             from suspend in Gen.Frequency((9, Gen.Constant(true)), (1, Gen.Constant(false)))
             from ids in Ids
             select (Step)new Step.Ask(caller, network, suspend, ids)),
        (8, from which in Gen.Choose(0, 20)
            from ending in Gen.Elements(Enum.GetValues<Ending>())
            from failed in Ids
            from share in Gen.Choose(0, 100)
            select (Step)new Step.Finish(which, ending, failed, share)),
        (4, Gen.Choose(1, 40).Select(seconds => (Step)new Step.Wait(seconds))),
        (1, from caller in Gen.Choose(0, Callers - 1) from limit in OptionalLimit select (Step)new Step.SetCallerLimit(caller, limit)),
        (1, from perCaller in Limit from perNetwork in Limit from first in OptionalLimit select (Step)new Step.SetPolicy(perCaller, perNetwork, first)));

    [Fact]
    public void Any_interleaving_Is_decided_as_the_model_decides_and_counts_what_the_model_counts() =>
        Check.One(Cases, Prop.ForAll(Arb.From(Steps.ArrayOf(), WithoutSome), steps =>
        {
            using var run = new Run();
            foreach (var step in steps)
                run.Do(step);

            run.AssertTheLimitsWereKept();
            run.AssertNothingIsLeftWhenAllHasExpired();
        }));

    /// <summary>A half of the steps, or all but one: a counterexample becomes as short as it can be.</summary>
    private static IEnumerable<Step[]> WithoutSome(Step[] steps) => steps.Length < 2
        ? []
        : Enumerable.Range(0, steps.Length).Select(at => (Step[])[.. steps[..at], .. steps[(at + 1)..]]).Prepend(steps[(steps.Length / 2)..]).Prepend(steps[..(steps.Length / 2)]);

    [Fact]
    public void Threads_that_reserve_at_once_Get_exactly_the_limit()
    {
        const int Each = 100;
        using var run = new Run(new ChangePolicy(PerCaller: Each, PerNetwork: 3 * Each, TimeSpan.FromHours(1), NoNetworks));

        for (var round = 0; round < 20; round++)
        {
            // Four callers want 150 each and may have 100, in a network that has room for 300.
            var reservations = Race(threads: 8, attempts: 75, (thread, attempt) => run.Reserve(Request($"caller{thread % 4}", $"{(thread * 1000) + attempt}")).Reservation);

            Assert.Equal(3 * Each, reservations.Count);
            Assert.All(Enumerable.Range(0, 4), caller => Assert.InRange(run.GetUsage(CallerOf($"caller{caller}", null)).Usage.Used, 0, Each));
            Race(threads: 8, reservations.Count / 8 + 1, (thread, attempt) =>
            {
                reservations.ElementAtOrDefault((attempt * 8) + thread)?.Settle(null);
                return null;
            });
            Assert.Equal(0, run.Counted().Sum());
        }
    }

    [Fact]
    public void Threads_of_one_caller_that_reserve_at_once_Get_exactly_its_limit()
    {
        using var run = new Run(new ChangePolicy(PerCaller: 100, PerNetwork: 0, TimeSpan.FromHours(1), NoNetworks));

        for (var round = 0; round < 20; round++)
        {
            var reservations = Race(threads: 8, attempts: 40, (thread, attempt) => run.Reserve(Request("caller", $"{(thread * 1000) + attempt}")).Reservation);

            Assert.Equal(100, reservations.Count);
            foreach (var reservation in reservations)
                reservation.Settle(null);
        }
    }

    private static FrozenDictionary<string, NetworkPolicy> NoNetworks => FrozenDictionary<string, NetworkPolicy>.Empty;

    private static string NetworkId(int network) => $"1234567{network}";

    private static Caller CallerOf(string name, int? limit) => new(name, [Caller.EveryNetwork], [CallerActions.Suspend, CallerActions.Unsuspend], limit);

    private static ChangeRequest Request(string caller, params string[] ids) => new(CallerOf(caller, null), NetworkId(0), Suspend: true, ids);

    private static List<SuspendReservation> Race(int threads, int attempts, Func<int, int, SuspendReservation?> attempt)
    {
        var got = new List<SuspendReservation>[threads];
        using var start = new Barrier(threads);
        var all = Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            start.SignalAndWait();
            got[thread] = [.. Enumerable.Range(0, attempts).Select(number => attempt(thread, number)).OfType<SuspendReservation>()];
        })).ToList();
        all.ForEach(thread => thread.Start());
        all.ForEach(thread => thread.Join());
        return [.. got.SelectMany(reservations => reservations)];
    }

    /// <summary>The limiter beside the model, from one step to the next.</summary>
    private sealed class Run : IDisposable
    {
        private static readonly TimeSpan Window = TimeSpan.FromSeconds(100);

        private readonly FakeTimeProvider _time = new();
        private readonly SuspendLimitModel _model = new(Window);
        private readonly LiveSettings<ChangePolicy> _policy;
        private readonly LocalLimitStore _store;
        private readonly SuspendLimiter _limiter;
        private readonly int?[] _callerLimits = new int?[Callers];
        private readonly List<(SuspendReservation? Reservation, ModelRequest Model)> _underWay = [];

        /// <summary>The highest limit that was ever in force; null once there was none.</summary>
        private readonly int?[] _maxOfCallers = new int?[Callers];
        private readonly int?[] _maxOfNetworks = new int?[Networks];

        public Run()
            : this(new ChangePolicy(PerCaller: 8, PerNetwork: 10, Window, NoNetworks))
        {
        }

        public Run(ChangePolicy policy)
        {
            _policy = new LiveSettings<ChangePolicy>("policy", policy, _ => policy, static () => null, new ConfigurationManager(), NullLogger.Instance);
            _store = new LocalLimitStore(_time);
            _limiter = new SuspendLimiter(_policy, _store, _time);
            (_maxOfCallers, _maxOfNetworks) = ([.. Enumerable.Repeat((int?)0, Callers)], [.. Enumerable.Repeat((int?)0, Networks)]);
            NoteLimits();
        }

        private ChangePolicy Policy => _policy.Current;

        public void Do(Step step)
        {
            switch (step)
            {
                case Step.Ask ask: Ask(ask); break;
                case Step.Finish finish: Finish(finish); break;
                case Step.Wait wait: _time.Advance(TimeSpan.FromSeconds(wait.Seconds)); break;
                case Step.SetCallerLimit set: _callerLimits[set.Caller] = set.Limit; break;
                case Step.SetPolicy set: SetPolicy(set); break;
                default: throw new InvalidOperationException($"{step}");
            }

            NoteLimits();
        }

        public void AssertTheLimitsWereKept()
        {
            while (_underWay.Count > 0)
                Finish(new Step.Finish(0, Ending.Unknown, [], 50));

            for (var caller = 0; caller < Callers; caller++)
            {
                if (_maxOfCallers[caller] is { } limit)
                    Assert.InRange(_model.MaxSuspended(OfCaller(caller)), 0, limit);
            }

            for (var network = 0; network < Networks; network++)
            {
                if (_maxOfNetworks[network] is { } limit)
                    Assert.InRange(_model.MaxSuspended(OfNetwork(network)), 0, limit);
            }
        }

        public void AssertNothingIsLeftWhenAllHasExpired()
        {
            // The counts that expired are dropped within a minute after that.
            _time.Advance(Window + TimeSpan.FromMinutes(1));
            Assert.Empty(Counted());
        }

        public void Dispose()
        {
            _store.Dispose();
            _policy.Dispose();
        }

        /// <summary>How many users each count has in memory.</summary>
        public IEnumerable<int> Counted() => CallersOf(_store.Suspended).Values.Concat(NetworksOf(_store.Suspended).Values).Select(count => count.Used);

        // The local store never waits.
        public (PolicyResult Result, SuspendReservation? Reservation) Reserve(ChangeRequest request) => _limiter.ReserveAsync(request, TimeSpan.Zero).AsTask().Result;

        public (SuspendLimitUsage Usage, TimeSpan Window) GetUsage(Caller caller) => _limiter.GetUsageAsync(caller).AsTask().Result;

        private void Ask(Step.Ask ask)
        {
            var (caller, network) = ($"caller{ask.Caller}", NetworkId(ask.Network));
            var request = new ChangeRequest(CallerOf(caller, _callerLimits[ask.Caller]), network, ask.Suspend, [.. ask.Ids.Select(id => $"{id}")]);
            var expected = Expect(ask, _time.GetUtcNow());

            AssertUsage(ask.Caller);
            var preview = _limiter.PreviewAsync(request).AsTask().Result;
            AssertUsage(ask.Caller);
            var (result, reservation) = Reserve(request);

            Assert.Equal(preview.Decision, result.Decision);
            Assert.Equal(preview.FreeAt, result.FreeAt);
            if (expected is { } refused)
            {
                Assert.Null(reservation);
                var exceeded = Assert.IsType<ChangeDecision.LimitExceeded>(result.Decision);
                Assert.Equal(refused, new Refusal(exceeded.Scope, exceeded.Usage.Limit, exceeded.Usage.Used, exceeded.Usage.Requested));
                AssertFreeAt(ask, refused, result.FreeAt);
                return;
            }

            Assert.IsType<ChangeDecision.Allowed>(result.Decision);
            Assert.Null(result.FreeAt);
            if (!ask.Suspend)
            {
                Assert.Null(reservation);
                return;
            }

            _underWay.Add((reservation, _model.Begin(caller, network, request.UserIds, LimitOfCaller(ask.Caller) > 0, LimitOfNetwork(ask.Network) > 0, _time.GetUtcNow())));
            AssertUsage(ask.Caller);
            AssertMemory();
        }

        private sealed record Refusal(string Scope, int Limit, int Used, int Requested);

        /// <summary>What the model says; null when the request is allowed.</summary>
        private Refusal? Expect(Step.Ask ask, DateTimeOffset now) => !ask.Suspend
            ? null
            : Expect(SuspendLimitFigures.CallerScope, LimitOfCaller(ask.Caller), OfCaller(ask.Caller), ask, now)
                ?? Expect(SuspendLimitFigures.NetworkScope, LimitOfNetwork(ask.Network), OfNetwork(ask.Network), ask, now);

        private Refusal? Expect(string scope, int limit, Func<ModelRequest, bool> requests, Step.Ask ask, DateTimeOffset now)
        {
            var counted = _model.Counted(requests, now);
            var after = counted.Concat(ask.Ids.Select(id => (NetworkId(ask.Network), $"{id}"))).ToHashSet();
            var isAllowed = limit == 0 || after.Count <= limit || after.Count == counted.Count;
            return isAllowed ? null : new Refusal(scope, limit, counted.Count, after.Count - counted.Count);
        }

        /// <summary>The first moment at which this limit has room, when no request begins or ends before it; null when there is none.</summary>
        private void AssertFreeAt(Step.Ask ask, Refusal refused, DateTimeOffset? freeAt)
        {
            bool HasRoom(DateTimeOffset at) =>
                Expect(refused.Scope, refused.Limit, refused.Scope == SuspendLimitFigures.CallerScope ? OfCaller(ask.Caller) : OfNetwork(ask.Network), ask, at) is null;

            if (freeAt is not { } time)
            {
                Assert.False(HasRoom(DateTimeOffset.MaxValue));
                return;
            }

            Assert.True(HasRoom(time));
            Assert.False(HasRoom(time - TimeSpan.FromTicks(1)));
        }

        private void Finish(Step.Finish finish)
        {
            if (_underWay.Count == 0)
                return;

            var (reservation, model) = _underWay[finish.Which % _underWay.Count];
            _underWay.RemoveAt(finish.Which % _underWay.Count);
            var failed = model.Ids.Where(id => finish.Failed.Contains(int.Parse(id))).ToList();
            var others = model.Ids.Except(failed).ToList();

            var (result, mayBeSuspended, effects) = finish.Ending switch
            {
                Ending.Applied => (Success(model.Ids, []), model.Ids, model.Ids),
                Ending.PartlyFailed => (Success(others, failed), others, others),
                // Nothing that Wickr says may be trusted further than it must be.
                Ending.FailedAndSuccessful => (Success(model.Ids, failed), model.Ids, model.Ids),
                Ending.NotApplied => (End(AttemptStatus.Rejected, ChangeOutcome.NotApplied), [], []),
                Ending.NotSent => (null, [], []),
                _ => (End(AttemptStatus.TimedOut, ChangeOutcome.Unknown), model.Ids, (IReadOnlyList<string>)others),
            };
            if (finish.Ending != Ending.Abandoned)
                reservation?.Settle(result);

            // As after every request; it must not undo what was settled.
            reservation?.Dispose();
            model.Finish(mayBeSuspended, effects, finish.EffectShare / 100.0, _time.GetUtcNow());
            for (var caller = 0; caller < Callers; caller++)
                AssertUsage(caller);
        }

        private static WickrResult Success(IReadOnlyList<string> successful, IReadOnlyList<string> failed)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new { successful = successful.Select(id => new { userId = id }), failed = failed.Select(id => new { userId = id, reason = "no" }) });
            return new WickrResult(AttemptStatus.Accepted, null, new WickrResponse(200, "application/json", null, body), ChangeOutcome.Applied, 1, null);
        }

        private static WickrResult End(AttemptStatus status, ChangeOutcome outcome) => new(status, null, null, outcome, 1, null);

        private void AssertUsage(int caller)
        {
            var limit = LimitOfCaller(caller);
            var expected = _model.Counted(OfCaller(caller), _time.GetUtcNow()).Count;

            Assert.Equal((limit == 0 ? default : new SuspendLimitUsage(limit, expected, 0), Window), GetUsage(CallerOf($"caller{caller}", _callerLimits[caller])));
        }

        private void AssertMemory()
        {
            foreach (var (name, count) in CallersOf(_store.Suspended))
            {
                if (_maxOfCallers[int.Parse(name["caller".Length..])] is { } limit)
                    Assert.InRange(count.Used, 0, limit);
            }

            foreach (var (id, count) in NetworksOf(_store.Suspended))
            {
                if (_maxOfNetworks[id[^1] - '0'] is { } limit)
                    Assert.InRange(count.Used, 0, limit);
            }
        }

        private void SetPolicy(Step.SetPolicy set)
        {
            var networks = new Dictionary<string, NetworkPolicy> { [NetworkId(0)] = new NetworkPolicy([], set.OfFirstNetwork) };
            LiveAccess<ChangePolicy>.Current(_policy) = new ChangePolicy(set.PerCaller, set.PerNetwork, Window, networks);
        }

        private void NoteLimits()
        {
            for (var caller = 0; caller < Callers; caller++)
                _maxOfCallers[caller] = Max(_maxOfCallers[caller], LimitOfCaller(caller));

            for (var network = 0; network < Networks; network++)
                _maxOfNetworks[network] = Max(_maxOfNetworks[network], LimitOfNetwork(network));
        }

        private static int? Max(int? soFar, int limit) => limit == 0 || soFar is not { } max ? null : Math.Max(max, limit);

        private int LimitOfCaller(int caller) => _callerLimits[caller] ?? Policy.PerCaller;

        private int LimitOfNetwork(int network) => network == 0 && Policy.Networks.TryGetValue(NetworkId(0), out var first) && first.SuspendLimit is { } limit ? limit : Policy.PerNetwork;

        private static Func<ModelRequest, bool> OfCaller(int caller) => request => request.Caller == $"caller{caller}";

        private static Func<ModelRequest, bool> OfNetwork(int network) => request => request.CountedNetwork == NetworkId(network);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_callers")]
        private static extern ref Dictionary<string, SuspendCount> CallersOf(LocalSuspendCounts counts);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_networks")]
        private static extern ref Dictionary<string, SuspendCount> NetworksOf(LocalSuspendCounts counts);
    }

    /// <summary>Sets what a reload sets half a second after a file has changed.</summary>
    private static class LiveAccess<T>
        where T : class
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_current")]
        public static extern ref T Current(LiveSettings<T> settings);
    }
}

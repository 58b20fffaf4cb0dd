using WickrGateway.Wickr;

namespace WickrGateway.Commands.Doctor;

/// <summary>All checks of a gateway with valid settings, and which of them depend on which.</summary>
internal static class GatewayExamination
{
    /// <summary>Each takes a request to Wickr.</summary>
    private const int MaxNetworks = 20;

    public static void Begin(Examination examination, GatewaySettings settings, IConfiguration configuration)
    {
        examination.Add("callers", subject: null, _ => Task.FromResult(SettingsCheck.CheckCallers(settings)));
        ListenCheck.AddTo(examination, configuration, settings.Management);
        examination.Add("audit-file", subject: null, _ => Task.FromResult(AuditFileCheck.Check(settings.Audit)));
        examination.Add("redis", subject: null, _ => RedisCheck.CheckAsync(settings.LimitStore));
        CollectorCheck.AddTo(examination, settings.Telemetry, configuration);
        AddWickr(examination, settings);
    }

    private static void AddWickr(Examination examination, GatewaySettings settings)
    {
        var (options, access) = (settings.Wickr, new AwsAccess(settings.Wickr));
        var credentials = CredentialsCheck.AddTo(examination, options, access);
        var networks = FindNetworks(settings);
        var places = options.Locations.ToDictionary(location => location, location => PlaceChecks.AddTo(examination, location, options, access.Connector));
        var roles = new Dictionary<RoleSessionKey, Check>();
        foreach (var session in networks.Select(network => network.Settings is { } own ? access.SessionOf(own) : null).OfType<RoleSessionKey>().Distinct())
            roles[session] = RoleCheck.AddTo(examination, session, access, credentials);

        foreach (var network in networks.Take(MaxNetworks))
        {
            if (network.Settings is not { } own)
                examination.Add("network", network.Id, _ => Task.FromResult(NetworkCheck.Unknown));
            else if (access.SessionOf(own) is { } session)
                NetworkCheck.AddTo(examination, network.Id, own.Location, session, options, access, places[own.Location], roles[session]);
            else
                NetworkCheck.AddTo(examination, network.Id, own.Location, session: null, options, access, places[own.Location], credentials);
        }

        if (networks.Count > MaxNetworks)
            examination.Add("network", "others", _ => Task.FromResult(CheckResult.Skip($"{networks.Count - MaxNetworks} more networks are not checked; {MaxNetworks} are")));
    }

    /// <summary>Those that the settings or a grant name. Where there are none, a made-up one stands for them, so that the signature at least is checked.</summary>
    private static List<(string? Id, NetworkSettings? Settings)> FindNetworks(GatewaySettings settings)
    {
        List<(string? Id, NetworkSettings? Settings)> named =
        [
            .. settings.Wickr.Networks.Keys.Concat(settings.Callers.NamedNetworks).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(id => ((string?)id, settings.Wickr.Find(id))),
        ];
        return named.Count > 0 ? named : [(null, settings.Wickr.Default)];
    }
}

namespace WickrGateway.SuspendStatus;

/// <summary>All that is wrong with a request, by the member or header it is about, in the order it was found.</summary>
internal sealed class Faults
{
    private readonly OrderedDictionary<string, List<string>> _byMember = new(StringComparer.Ordinal);

    public bool Any => _byMember.Count > 0;

    public IReadOnlyDictionary<string, List<string>> ByMember => _byMember;

    public void Add(string member, string fault)
    {
        if (!_byMember.TryGetValue(member, out var faults))
            _byMember.Add(member, faults = []);

        // A member that stands a thousand times too often is told of once.
        if (!faults.Contains(fault, StringComparer.Ordinal))
            faults.Add(fault);
    }
}

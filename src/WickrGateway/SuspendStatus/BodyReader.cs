using System.Text.Json;
using System.Text.Unicode;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>
/// The request's body, read strictly and without binding: a missing <c>suspend</c> that a binder reads as <c>false</c> would unsuspend
/// people. All faults are found in one pass, each under its member's JSON name; <c>$</c> is the body as a whole.
/// </summary>
internal ref struct BodyReader
{
    /// <summary>In bytes; 50 ids and a token need far less.</summary>
    public const int MaxLength = 64 * 1024;

    private const string Whole = "$";
    private const string SuspendName = "suspend";
    private const string UserIdsName = "userIds";
    private const string ClientTokenName = "clientToken";

    private readonly Faults _faults;
    private Utf8JsonReader _json;
    private string _place = "";
    private bool _suspendSeen;
    private bool _userIdsSeen;
    private bool _clientTokenSeen;

    private BodyReader(ReadOnlySpan<byte> utf8, Faults faults)
    {
        _json = new Utf8JsonReader(utf8, isFinalBlock: true, state: default);
        _faults = faults;
    }

    public bool Suspend { get; private set; }

    public List<string> UserIds { get; } = [];

    /// <summary>Null when the caller gave none.</summary>
    public string? ClientToken { get; private set; }

    /// <summary>Reads the body; what it holds counts only when no fault was added.</summary>
    public static BodyReader Read(ReadOnlySpan<byte> utf8, Faults faults)
    {
        var body = new BodyReader(utf8, faults);
        if (utf8.IsEmpty)
            faults.Add(Whole, "is empty; a JSON object is expected");
        else if (utf8.StartsWith("\uFEFF"u8))
            faults.Add(Whole, "begins with a byte order mark; send plain UTF-8 without one");
        else if (!Utf8.IsValid(utf8))
            faults.Add(Whole, "is not valid UTF-8");
        else
            body.ReadWhole();

        return body;
    }

    private void ReadWhole()
    {
        try
        {
            _json.Read();
            if (_json.TokenType == JsonTokenType.StartObject)
            {
                ReadMembers();
                TellMissing();
            }
            else
            {
                _faults.Add(Whole, $"must be a JSON object, not {Kind(_json.TokenType)}");
                _json.Skip();
            }

            // Whatever follows the one value is refused by the reader itself.
            _json.Read();
        }
        catch (JsonException malformed)
        {
            var place = _place.Length == 0 ? "" : $", in {_place}";
            _faults.Add(Whole, $"is not valid JSON at line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}{place} (comments, trailing commas and trailing content are not allowed)");
        }
    }

    private void ReadMembers()
    {
        while (_json.Read() && _json.TokenType != JsonTokenType.EndObject)
        {
            if (_json.ValueTextEquals(SuspendName))
            {
                Enter(SuspendName, ref _suspendSeen);
                ReadSuspend();
            }
            else if (_json.ValueTextEquals(UserIdsName))
            {
                Enter(UserIdsName, ref _userIdsSeen);
                ReadUserIds();
            }
            else if (_json.ValueTextEquals(ClientTokenName))
            {
                Enter(ClientTokenName, ref _clientTokenSeen);
                ReadClientToken();
            }
            else
            {
                RefuseUnknown();
            }
        }

        _place = "";
    }

    private void Enter(string name, ref bool seen)
    {
        _place = name;
        if (seen)
            _faults.Add(name, "stands more than once");

        seen = true;
        _json.Read();
    }

    private void ReadSuspend()
    {
        if (_json.TokenType is JsonTokenType.True or JsonTokenType.False)
            Suspend = _json.TokenType == JsonTokenType.True;
        else
            Refuse(SuspendName, "must be true or false");
    }

    private void ReadUserIds()
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            Refuse(UserIdsName, "must be an array of strings");
            return;
        }

        var count = 0;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            _place = $"{UserIdsName}[{count++}]";
            ReadUserId();
        }

        if (count is 0 or > WickrIds.MaxUserIds)
            _faults.Add(UserIdsName, $"must have 1 to {WickrIds.MaxUserIds} ids, has {count}");
    }

    private void ReadUserId()
    {
        const string Rule = "must be a string of 1 to 10 digits 0-9";
        if (_json.TokenType != JsonTokenType.String)
            Refuse(_place, Rule);
        else if (Text() is { } id && WickrIds.IsUserId(id))
            UserIds.Add(id);
        else
            _faults.Add(_place, Rule);
    }

    private void ReadClientToken()
    {
        const string Rule = "must be null or a string of 1 to 64 characters of a-z A-Z 0-9 - _ :";
        if (_json.TokenType == JsonTokenType.Null)
            return;

        if (_json.TokenType != JsonTokenType.String)
            Refuse(ClientTokenName, Rule);
        else if (Text() is { } token && WickrIds.IsClientToken(token))
            ClientToken = token;
        else
            _faults.Add(ClientTokenName, Rule);
    }

    private void RefuseUnknown()
    {
        var name = Text() ?? "\uFFFD";
        _place = name.Length <= 40 ? name : $"{name.AsSpan(0, 40)}…";
        var meant = Array.Find([SuspendName, UserIdsName, ClientTokenName], known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        _faults.Add(name, meant is null ? "is not a member of this request; it has suspend, userIds and clientToken" : $"is not a member of this request; names are case-sensitive: {meant}");
        _json.Read();
        _json.Skip();
    }

    private void TellMissing()
    {
        if (!_suspendSeen)
            _faults.Add(SuspendName, "is missing; true suspends, false unsuspends, and there is no default");

        if (!_userIdsSeen)
            _faults.Add(UserIdsName, "is missing");
    }

    private void Refuse(string member, string rule)
    {
        _faults.Add(member, $"{rule}, not {Kind(_json.TokenType)}");
        _json.Skip();
    }

    /// <summary>The string the reader stands on; null when an escape in it makes no character (a surrogate without its other half).</summary>
    private readonly string? Text()
    {
        try
        {
            return _json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}

using System.Text.Json;
using System.Text.Unicode;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>
/// Reads the body of a request strictly and without binding: a missing <c>suspend</c> that a binder reads as <c>false</c> would unsuspend
/// people. All errors are found in one pass, each under its field's JSON name.
/// </summary>
internal ref struct BodyReader
{
    private const string SuspendName = "suspend";
    private const string UserIdsName = "userIds";
    private const string ClientTokenName = "clientToken";
    private const string ReasonName = "reason";
    private const int MaxQuotedNameLength = 40;

    private readonly ValidationErrors _errors;
    private readonly RequestShape _shape;

    /// <summary>Where each id is for the first time; null where duplicates are allowed.</summary>
    private readonly Dictionary<string, int>? _positions;
    private Utf8JsonReader _json;
    private string _field = "";
    private int? _index;
    private bool _isAfterLocation;
    private bool _hasSuspend;
    private bool _hasUserIds;
    private bool _hasClientToken;
    private bool _hasReason;

    private BodyReader(ReadOnlySpan<byte> utf8, RequestShape shape, ValidationErrors errors)
    {
        _shape = shape;
        _positions = shape.IsDistinct ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
        _json = new Utf8JsonReader(utf8, isFinalBlock: true, state: default);
        _errors = errors;
    }

    public bool Suspend { get; private set; }

    public List<string> UserIds { get; } = [];

    /// <summary>Null when the request has none.</summary>
    public string? ClientToken { get; private set; }

    /// <summary>Null when the request has none.</summary>
    public string? Reason { get; private set; }

    /// <summary>Reads the body; the result is only valid when no error was added.</summary>
    public static BodyReader Read(ReadOnlySpan<byte> utf8, RequestShape shape, ValidationErrors errors)
    {
        var body = new BodyReader(utf8, shape, errors);
        if (utf8.IsEmpty)
            errors.Add(ValidationErrors.Body, "is empty; a JSON object is expected");
        else if (utf8.StartsWith("\uFEFF"u8))
            errors.Add(ValidationErrors.Body, "begins with a byte order mark; send UTF-8 without one");
        else if (!Utf8.IsValid(utf8))
            errors.Add(ValidationErrors.Body, "is not valid UTF-8");
        else
            body.ReadDocument();

        return body;
    }

    private void ReadDocument()
    {
        try
        {
            _json.Read();
            if (_json.TokenType == JsonTokenType.StartObject)
            {
                ReadFields();
                RequireFields();
            }
            else
            {
                _errors.Add(ValidationErrors.Body, $"must be a JSON object, not {Describe(_json.TokenType)}");
                _json.Skip();
            }

            // The JSON reader refuses content after the one value.
            _json.Read();
        }
        catch (JsonException malformed)
        {
            var location = _field.Length == 0 ? "" : $", {(_isAfterLocation ? "after" : "in")} {Location}";
            _errors.Add(ValidationErrors.Body, $"is not valid JSON at line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}{location} (comments, trailing commas and trailing content are not allowed)");
        }
    }

    private void ReadFields()
    {
        while (_json.Read() && _json.TokenType != JsonTokenType.EndObject)
        {
            // Past the last message unknown names are not decoded, so that a request with thousands of them costs little.
            var name = _errors.IsFull ? GetKnownName() : GetString() ?? "\uFFFD";
            switch (name)
            {
                case null:
                    SkipField();
                    break;
                case SuspendName:
                    EnterField(SuspendName, ref _hasSuspend);
                    ReadSuspend();
                    break;
                case UserIdsName:
                    EnterField(UserIdsName, ref _hasUserIds);
                    ReadUserIds();
                    break;
                case ClientTokenName:
                    EnterField(ClientTokenName, ref _hasClientToken);
                    ReadClientToken();
                    break;
                case ReasonName:
                    EnterField(ReasonName, ref _hasReason);
                    ReadReason();
                    break;
                default:
                    RejectUnknownField(name);
                    break;
            }

            _isAfterLocation = true;
        }

        _field = "";
    }

    private readonly string Location => _index is { } index ? $"{_field}[{index}]" : _field;

    private void EnterField(string name, ref bool hasField)
    {
        EnterLocation(name);
        if (hasField)
            _errors.Add(name, "is duplicated");

        hasField = true;
        _json.Read();
    }

    private void EnterLocation(string name) => (_field, _isAfterLocation) = (name, false);

    private void ReadSuspend()
    {
        if (_json.TokenType is JsonTokenType.True or JsonTokenType.False)
            Suspend = _json.TokenType == JsonTokenType.True;
        else
            RejectType(SuspendName, "must be true or false");
    }

    private void ReadUserIds()
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            RejectType(UserIdsName, "must be an array of strings");
            return;
        }

        var count = 0;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            // One more than is allowed; all others only count.
            if (count++ <= _shape.MaxUserIds)
                ReadUserId(count - 1);
            else
                _json.Skip();

            _index = null;
        }

        if (count == 0 || count > _shape.MaxUserIds)
            _errors.Add(UserIdsName, $"must have 1 to {_shape.MaxUserIds} ids, has {count}");
    }

    private void ReadUserId(int index)
    {
        _index = index;
        const string Rule = "must be a string of 1 to 10 digits 0-9";
        if (_json.TokenType != JsonTokenType.String)
            RejectType(Location, Rule);
        else if (GetString() is { } id && WickrIds.IsUserId(id))
            AddUserId(id, index);
        else
            _errors.Add(Location, Rule);
    }

    private readonly void AddUserId(string id, int index)
    {
        UserIds.Add(id);
        if (_positions?.TryAdd(id, index) == false)
            _errors.Add(Location, $"is the same as {UserIdsName}[{_positions[id]}]; each id may be there once");
    }

    private void ReadClientToken()
    {
        const string Rule = "must be null or a string of 1 to 64 characters of a-z A-Z 0-9 - _ :";
        if (_json.TokenType == JsonTokenType.Null)
            return;

        if (_json.TokenType != JsonTokenType.String)
            RejectType(ClientTokenName, Rule);
        else if (GetString() is { } token && WickrIds.IsClientToken(token))
            ClientToken = token;
        else
            _errors.Add(ClientTokenName, Rule);
    }

    private void ReadReason()
    {
        const string Rule = "must be null or a string of 1 to 200 printable characters";
        if (_json.TokenType == JsonTokenType.Null)
            return;

        if (_json.TokenType != JsonTokenType.String)
            RejectType(ReasonName, Rule);
        else if (GetString() is { } reason && SuspendStatusRules.IsReason(reason))
            Reason = reason;
        else
            _errors.Add(ReasonName, $"{Rule}: no line breaks, control, private-use or unassigned characters, and no invisible ones but joiners");
    }

    private void RejectUnknownField(string name)
    {
        EnterLocation(name.Length <= MaxQuotedNameLength ? name : $"{name.AsSpan(0, MaxQuotedNameLength)}…");
        var meant = Array.Find([SuspendName, UserIdsName, ClientTokenName, ReasonName], known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        _errors.Add(Location, meant is null ? "is not a field of this request; it has suspend, userIds, clientToken and reason" : $"is not a field of this request; names are case-sensitive: {meant}");
        _json.Read();
        _json.Skip();
    }

    private void SkipField()
    {
        _errors.LeaveOut();
        EnterLocation("");
        _json.Read();
        _json.Skip();
    }

    private void RequireFields()
    {
        if (!_hasSuspend)
            _errors.Add(SuspendName, "is missing; true suspends, false unsuspends, and there is no default");

        if (!_hasUserIds)
            _errors.Add(UserIdsName, "is missing");
    }

    private void RejectType(string field, string rule)
    {
        _errors.Add(field, $"{rule}, not {Describe(_json.TokenType)}");
        _json.Skip();
    }

    /// <summary>The name of the current field by its raw bytes; null when it is not one of the request's.</summary>
    private readonly string? GetKnownName() =>
        _json.ValueSpan.SequenceEqual("suspend"u8) ? SuspendName
        : _json.ValueSpan.SequenceEqual("userIds"u8) ? UserIdsName
        : _json.ValueSpan.SequenceEqual("clientToken"u8) ? ClientTokenName
        : _json.ValueSpan.SequenceEqual("reason"u8) ? ReasonName
        : null;

    /// <summary>The current string; null when it has an escape that is half of a surrogate pair.</summary>
    private readonly string? GetString()
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

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}

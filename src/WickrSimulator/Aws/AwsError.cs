namespace WickrSimulator.Aws;

/// <summary>An error of AWS's restJson1 protocol.</summary>
internal sealed record AwsError(int Status, string Type, string Message, IReadOnlyList<FieldReason>? Reasons = null)
{
    public static AwsError Forbidden(string type, string message) => new(StatusCodes.Status403Forbidden, type, message);

    public static AwsError BadRequest(string message) => new(StatusCodes.Status400BadRequest, "BadRequestError", message);

    public static AwsError NotFound(string type, string message) => new(StatusCodes.Status404NotFound, type, message);

    public static AwsError Validation(IReadOnlyList<FieldReason> reasons) =>
        new(StatusCodes.Status422UnprocessableEntity, "ValidationError", "One or more fields are not valid.", reasons);
}

/// <summary>One invalid field of a ValidationError.</summary>
internal sealed record FieldReason(string Field, string Reason);

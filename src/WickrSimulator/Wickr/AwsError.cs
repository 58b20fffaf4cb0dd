namespace WickrSimulator.Wickr;

/// <summary>An error in AWS's restJson1 shape.</summary>
internal sealed record AwsError(int Status, string Type, string Message, IReadOnlyList<FieldReason>? Reasons = null)
{
    public static AwsError FrontDoor(string type, string message) => new(StatusCodes.Status403Forbidden, type, message);

    public static AwsError BadRequest(string message) => new(StatusCodes.Status400BadRequest, "BadRequestError", message);

    public static AwsError Validation(IReadOnlyList<FieldReason> reasons) =>
        new(StatusCodes.Status422UnprocessableEntity, "ValidationError", "One or more fields are not valid.", reasons);
}

/// <summary>One fault of a ValidationError.</summary>
internal sealed record FieldReason(string Field, string Reason);

using Athanor.Core.Errors;

namespace Athanor.Core.Files;

/// <summary>Tells faults of the disk, which the user can mend, from bugs.</summary>
internal static class DiskFault
{
    // errno on Linux and macOS, and the low half of the HResult on Windows
    private static readonly HashSet<int> Full = [28, 122, 69, 0x70, 0x27];

    /// <summary>The fault that an exception stands for, if it is about this file; null otherwise.</summary>
    public static AthanorException? Of(Exception exception, string path, string temporary) => exception switch
    {
        IOException full when IsFull(full) => new AthanorException($"the disk is full: {path} could not be written", "free some space and run the same command again", exception),
        UnauthorizedAccessException => new AthanorException($"{path} may not be written: {exception.Message}", "change the folder's permissions or choose another folder", exception),
        IOException when exception.Message.Contains(temporary, StringComparison.Ordinal) || exception.Message.Contains(Path.GetDirectoryName(path)!, StringComparison.Ordinal)
            => new AthanorException($"{path} could not be written: {exception.Message}", "see that the folder exists and can be written", exception),
        _ => null,
    };

    /// <summary>The fault that an exception from anywhere stands for; null if it is not one of a full disk or a missing permission.</summary>
    public static AthanorException? Of(Exception exception) => exception switch
    {
        // the message of both names the file
        IOException full when IsFull(full) => new AthanorException($"the disk is full: {exception.Message}", "free some space and run the same command again", exception),
        UnauthorizedAccessException => new AthanorException(exception.Message, "change the permissions or choose another folder", exception),
        _ => null,
    };

    private static bool IsFull(IOException exception) => Full.Contains(exception.HResult & 0xFFFF);
}

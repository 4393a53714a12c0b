namespace Athanor.Evaluation.Metrics;

/// <summary>Finds what a worked solution settles on.</summary>
public static class FinalAnswer
{
    private const string Marker = "answer ";

    /// <summary>What follows the last <c>answer </c>, without the white space around it; null where there is none.</summary>
    public static string? In(string text)
    {
        int at = text.LastIndexOf(Marker, StringComparison.Ordinal);
        return at < 0 ? null : text[(at + Marker.Length)..].Trim();
    }
}

using Athanor.Core.Files;
using Athanor.Tokenization.Comparison;

namespace Athanor.Reporting;

/// <summary>Draws a comparison of tokenizers as one self-contained HTML page.</summary>
public static class TokenizerComparisonPage
{
    /// <summary>Writes the page, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="comparisons">One a tokenizer, all of the same texts.</param>
    /// <exception cref="Core.Errors.AthanorException">The file cannot be written.</exception>
    public static async Task WriteAsync(string path, IReadOnlyList<TokenizerComparison> comparisons) =>
        AtomicFile.WriteText(path, await HtmlPage.RenderAsync<ComparisonPage>(new Dictionary<string, object?> { [nameof(ComparisonPage.Comparisons)] = comparisons }).ConfigureAwait(false));
}

using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts at a character, which goes.</summary>
/// <param name="Delimiter">The character.</param>
internal sealed record CharDelimiterSplitPreTokenizer(Rune Delimiter) : IPreTokenizer
{
    private readonly CodePointSet _set = CodePointSet.Of(Delimiter.Value, Delimiter.Value);

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) => TextCutter.CutAtCharacters(text, _set, SplitBehavior.Removed);
}

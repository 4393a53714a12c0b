using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.PostProcessors;

/// <summary>Sets texts and special tokens in a row as templates say, one for a text and one for a pair.</summary>
internal sealed record TemplatePostProcessor(IReadOnlyList<TemplatePart> Single, IReadOnlyList<TemplatePart> Pair) : IPostProcessor
{
    /// <inheritdoc/>
    public int AddedTokenCount(bool pair) => (pair ? Pair : Single).Sum(part => part.Tokens?.Count ?? 0);

    /// <inheritdoc/>
    public IReadOnlyList<EncodedText> Process(IReadOnlyList<EncodedText> encodings, bool addSpecialTokens)
    {
        List<EncodedText> row = [];
        foreach (TemplatePart part in encodings.Count == 2 ? Pair : Single)
        {
            if (part.Tokens is null)
            {
                if (part.Sequence >= encodings.Count)
                {
                    throw new EncodingException("the template for a single text asks for a second one");
                }

                EncodedText encoding = encodings[part.Sequence];
                encoding.Change(unit => unit with { TypeId = part.TypeId });
                encoding.SetSequence(part.Sequence);
                row.Add(encoding);
            }
            else if (addSpecialTokens)
            {
                row.Add(new EncodedText([.. part.Tokens.Select(token => token.Unit(part.TypeId))]));
            }
        }

        return row;
    }
}

/// <summary>A part of a template.</summary>
/// <param name="TypeId">The type id of its tokens.</param>
/// <param name="Sequence">Which text stands here, 0 or 1, where it is one.</param>
/// <param name="Tokens">The special tokens that stand here; null: a text does.</param>
/// <param name="Name">The name of the special token in the file.</param>
internal sealed record TemplatePart(int TypeId, int Sequence, IReadOnlyList<SpecialToken>? Tokens = null, string Name = "");

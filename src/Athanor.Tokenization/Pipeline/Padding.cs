namespace Athanor.Tokenization.Pipeline;

/// <summary>How encodings are filled up to a common length.</summary>
/// <param name="Length">The length; null: that of the longest in the batch.</param>
/// <param name="MultipleOf">The length is rounded up to a multiple of this; null or 0: it is not.</param>
/// <param name="Left">Whether the padding stands before the tokens.</param>
/// <param name="Id">The id of the padding.</param>
/// <param name="TypeId">Its type id.</param>
/// <param name="Token">Its token.</param>
internal sealed record Padding(int? Length = null, int? MultipleOf = null, bool Left = false, int Id = 0, int TypeId = 0, string Token = "[PAD]")
{
    /// <summary>Fills up the encodings of a batch, in place.</summary>
    public void Apply(IReadOnlyList<EncodedText> encodings)
    {
        if (encodings.Count == 0)
        {
            return;
        }

        int length = Length ?? encodings.Max(encoding => encoding.Count);
        if (MultipleOf is int multiple and > 0 && length % multiple > 0)
        {
            length += multiple - (length % multiple);
        }

        EncodedUnit padding = new(Id, Token, default, default, null, TypeId, Attention: false, Special: true);
        foreach (EncodedText encoding in encodings)
        {
            encoding.Pad(length, padding, Left);
        }
    }
}

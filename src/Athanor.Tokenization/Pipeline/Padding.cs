namespace Athanor.Tokenization.Pipeline;

/// <summary>How encodings are filled up to a common length.</summary>
/// <param name="Length">The length; null: that of the longest in the batch.</param>
/// <param name="MultipleOf">The length is rounded up to a multiple of this; null: it is not.</param>
/// <param name="Left">Whether the padding stands before the tokens.</param>
/// <param name="Id">The id of the padding.</param>
/// <param name="TypeId">Its type id.</param>
/// <param name="Token">Its token.</param>
internal sealed record Padding(int? Length, int? MultipleOf, bool Left, int Id, int TypeId, string Token);

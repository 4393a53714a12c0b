namespace Athanor.Tokenization.PostProcessors;

/// <summary>A token that is added to a text.</summary>
/// <param name="Token">Its text.</param>
/// <param name="Id">Its id.</param>
internal readonly record struct SpecialToken(string Token, int Id)
{
    /// <summary>The token as a part of an encoding.</summary>
    public EncodedUnit Unit(int typeId) => new(Id, Token, default, default, null, typeId, Special: true);
}

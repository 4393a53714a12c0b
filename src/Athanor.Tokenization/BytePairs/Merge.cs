namespace Athanor.Tokenization.BytePairs;

/// <summary>A rule of byte-pair encoding: two neighbouring tokens become one. Earlier rules go first.</summary>
/// <param name="Left">The first token's id.</param>
/// <param name="Right">The second token's id.</param>
/// <param name="Result">The id of the token that replaces them.</param>
internal readonly record struct Merge(int Left, int Right, int Result);

namespace Athanor.Models.Checkpoints;

/// <summary>Ids of tokens with a role, as <c>config.json</c> and <c>generation_config.json</c> keep them.</summary>
/// <param name="Beginning">Begins every text (<c>bos_token_id</c>).</param>
/// <param name="Ends">Each of them ends an answer (<c>eos_token_id</c>).</param>
/// <param name="Padding">Fills rows (<c>pad_token_id</c>).</param>
public sealed record SpecialTokenIds(int? Beginning, IReadOnlyList<int> Ends, int? Padding)
{
    /// <summary>None.</summary>
    public static SpecialTokenIds None { get; } = new(null, [], null);
}

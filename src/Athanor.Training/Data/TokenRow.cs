namespace Athanor.Training.Data;

/// <summary>A row on its way into a batch: one token more than it has positions.</summary>
/// <param name="length">Tokens, positions + 1.</param>
public sealed class TokenRow(int length)
{
    /// <summary>The tokens.</summary>
    public int[] Tokens { get; } = new int[length];

    /// <summary>The document each belongs to, counted in the row; −1 on padding.</summary>
    public int[] Documents { get; } = new int[length];

    /// <summary>1 where a token may be predicted, else 0.</summary>
    public int[] Mask { get; } = new int[length];

    /// <summary>Whether the row is a piece of a running stream, so that a document's first token is predicted from the end of the one before.</summary>
    public bool Continuous { get; set; }

    /// <summary>The target of each position, −1 where nothing is predicted.</summary>
    /// <param name="targets">Where to; one shorter than the row.</param>
    /// <param name="acrossDocuments">Whether attention crosses documents; if not, a document's first token is never a target.</param>
    /// <returns>How many targets there are.</returns>
    public int WriteTargets(Span<long> targets, bool acrossDocuments)
    {
        int count = 0;
        bool crossing = acrossDocuments && Continuous;
        for (int i = 0; i < targets.Length; i++)
        {
            bool predicted = Mask[i + 1] != 0 && Documents[i + 1] >= 0 && (crossing || Documents[i + 1] == Documents[i]);
            targets[i] = predicted ? Tokens[i + 1] : -1;
            count += predicted ? 1 : 0;
        }

        return count;
    }
}

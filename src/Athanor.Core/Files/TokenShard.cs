namespace Athanor.Core.Files;

/// <summary>
/// Sequences of tokens on disk in the Megatron-LM layout: <c>.bin</c> is the numbers one after another, <c>.idx</c> says where each sequence begins.
/// Opened by mapping, so a shard of any size takes no memory.
/// </summary>
public sealed class TokenShard : IDisposable
{
    /// <summary>How many sequences there are.</summary>
    public int Sequences => throw new NotImplementedException();

    /// <summary>How many tokens there are in all.</summary>
    public long Tokens => throw new NotImplementedException();

    /// <summary>Opens a shard by its path without extension.</summary>
    /// <exception cref="Errors.AthanorException">A file is missing, truncated or malformed.</exception>
    public static TokenShard Open(string path) => throw new NotImplementedException();

    /// <summary>Where a sequence begins among all tokens.</summary>
    public long OffsetOf(int sequence) => throw new NotImplementedException();

    /// <summary>How many tokens a sequence has.</summary>
    public int LengthOf(int sequence) => throw new NotImplementedException();

    /// <summary>Copies tokens, from a position among all tokens (sequences stand one after another without a gap).</summary>
    public void Read(long offset, Span<int> tokens) => throw new NotImplementedException();

    /// <summary>A whole sequence.</summary>
    public int[] ReadSequence(int sequence) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>Writes a <see cref="TokenShard"/>: both files appear when it is completed, or neither.</summary>
public sealed class TokenShardWriter : IDisposable
{
    /// <summary>Begins a shard.</summary>
    /// <param name="path">Its path without extension.</param>
    /// <param name="maximum">The largest number that will be written; decides between 1, 2 and 4 bytes a token.</param>
    public TokenShardWriter(string path, int maximum)
    {
        throw new NotImplementedException();
    }

    /// <summary>Appends a sequence, which ends a document.</summary>
    public void Append(ReadOnlySpan<int> tokens) => throw new NotImplementedException();

    /// <summary>Makes both files final.</summary>
    public void Complete() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

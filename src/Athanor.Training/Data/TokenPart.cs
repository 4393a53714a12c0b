using Athanor.Core.Artifacts;
using Athanor.Core.Files;

namespace Athanor.Training.Data;

/// <summary>One part of a split: its tokens, and which of them count in the loss where that is known.</summary>
public sealed class TokenPart : IDisposable
{
    private readonly TokenShard _tokens;
    private readonly TokenShard? _mask;

    private TokenPart(string name, TokenShard tokens, TokenShard? mask)
    {
        Name = name;
        _tokens = tokens;
        _mask = mask;
    }

    /// <summary>The part's name, such as <c>documentation</c>.</summary>
    public string Name { get; }

    /// <summary>How many documents it has.</summary>
    public int Documents => _tokens.Sequences;

    /// <summary>How many tokens it has.</summary>
    public long Tokens => _tokens.Tokens;

    /// <summary>Whether it says which tokens count in the loss (conversations).</summary>
    public bool HasMask => _mask is not null;

    /// <summary>The names of the parts that a split of a tokens artifact has.</summary>
    public static IReadOnlyList<string> NamesIn(Artifact tokens, string split)
    {
        string folder = tokens.PathOf(split);
        return !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder, "*.idx").Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => !name.EndsWith(".mask", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Opens a part.</summary>
    /// <exception cref="Core.Errors.AthanorException">A file is missing or malformed, or tokens and mask do not belong together.</exception>
    public static TokenPart Open(Artifact tokens, string split, string part)
    {
        TokenShard shard = TokenShard.Open(tokens.PathOf(TokensLayout.Shard(split, part)));
        string mask = tokens.PathOf(TokensLayout.Mask(split, part));
        if (!File.Exists(mask + ".idx"))
        {
            return new TokenPart(part, shard, null);
        }

        TokenPart opened = new(part, shard, TokenShard.Open(mask));
        if (opened._mask!.Sequences != shard.Sequences || opened._mask.Tokens != shard.Tokens)
        {
            opened.Dispose();
            throw new Core.Errors.AthanorException($"{mask}.idx counts other documents or tokens than the shard beside it", "delete the tokens' folder and run its stage again");
        }

        return opened;
    }

    /// <summary>How many tokens a document has.</summary>
    public int LengthOf(int document) => _tokens.LengthOf(document);

    /// <summary>Copies tokens of a document.</summary>
    public void Read(int document, int offset, Span<int> tokens) => _tokens.Read(_tokens.OffsetOf(document) + offset, tokens);

    /// <summary>Copies 1 where a token counts in the loss, else 0; everything counts where there is no mask.</summary>
    public void ReadMask(int document, int offset, Span<int> mask)
    {
        if (_mask is null)
        {
            mask.Fill(1);
        }
        else
        {
            _mask.Read(_mask.OffsetOf(document) + offset, mask);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokens.Dispose();
        _mask?.Dispose();
    }
}

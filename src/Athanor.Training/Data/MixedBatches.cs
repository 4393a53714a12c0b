using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Training.Packing;

namespace Athanor.Training.Data;

/// <summary>How batches are made.</summary>
public sealed record BatchSettings
{
    /// <summary>Positions of a row.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Rows of an update.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows that go through the model at once.</summary>
    public required int MicroBatchRows { get; init; }

    /// <summary>Whether only the tokens that a part marks count in the loss, where it marks any.</summary>
    public bool Masked { get; init; } = true;

    /// <summary>Whether attention crosses documents that share a row.</summary>
    public bool AttentionAcrossDocuments { get; init; } = true;

    /// <summary>How running text is laid into rows; conversations are always packed whole, best fit.</summary>
    public PackingMethod TextPacking { get; init; } = PackingMethod.ConcatenateAndCut;

    /// <summary>The token on empty places.</summary>
    public int PaddingToken { get; init; }
}

/// <summary>The batches of a mixture of parts. The batches of an update are a function of seed and step.</summary>
public sealed class MixedBatches : IDisposable
{
    private readonly List<TokenPart> _parts = [];
    private readonly List<RowSource> _sources = [];
    private readonly BatchSettings _settings;
    private readonly RowMixture _mixture;

    /// <summary>Opens the parts of a mixture.</summary>
    /// <param name="tokens">The tokens artifact.</param>
    /// <param name="mixture">Each part's share of the tokens; null takes every part there is, by its size.</param>
    /// <param name="settings">How batches are made.</param>
    /// <param name="random">The run's streams.</param>
    /// <exception cref="AthanorException">The mixture names a part the artifact lacks, or leaves nothing.</exception>
    public MixedBatches(Artifact tokens, IReadOnlyDictionary<string, double>? mixture, BatchSettings settings, RandomStreams random)
    {
        _settings = settings;
        IReadOnlyList<string> present = TokenPart.NamesIn(tokens, CorpusLayout.Train);
        string parts = string.Join(", ", present);
        List<double> shares = [];
        try
        {
            foreach ((string name, double? share) in mixture is null ? present.Select(name => (name, (double?)null)) : mixture.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, (double?)pair.Value)))
            {
                if (!present.Contains(name))
                {
                    throw new AthanorException($"the mixture names the part {name}, which {tokens.Folder} does not have", $"name parts it has: {parts}");
                }

                if (share is not null && !(double.IsFinite(share.Value) && share > 0))
                {
                    throw new AthanorException($"the mixture gives {name} the share {share}", "give a number above 0, or leave the part out");
                }

                TokenPart part = TokenPart.Open(tokens, CorpusLayout.Train, name);
                _parts.Add(part);
                if (part.Tokens < 2)
                {
                    if (share is not null)
                    {
                        throw new AthanorException($"the part {name} of {tokens.Folder} is empty", "leave it out of the mixture, or build the corpus with more of it");
                    }

                    continue;
                }

                _sources.Add(SourceOf(part, settings, random));
                shares.Add(share ?? part.Tokens);
            }

            if (_sources.Count == 0)
            {
                throw new AthanorException($"{tokens.Folder} has no tokens to train on", "build the corpus with more text");
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        double sum = shares.Sum();
        Shares = _sources.Select((source, index) => (source.Name, shares[index] / sum)).ToDictionary();
        LeftOut = [.. present.Where(name => _sources.TrueForAll(source => source.Name != name))];
        _mixture = new RowMixture(shares, [.. _sources.Select(source => source.TokensARow)]);
    }

    /// <summary>Each part's share of the tokens; they add up to one.</summary>
    public IReadOnlyDictionary<string, double> Shares { get; }

    /// <summary>Parts the artifact has that the mixture leaves out.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>The rows of each part.</summary>
    public IReadOnlyList<RowSource> Sources => _sources;

    /// <summary>How documents of a part are laid into rows.</summary>
    public static RowSource SourceOf(TokenPart part, BatchSettings settings, RandomStreams? random) => new(
        part,
        settings.ContextLength,
        part.HasMask ? PackingMethod.BestFitDecreasing : settings.TextPacking,
        settings.Masked,
        settings.PaddingToken,
        random);

    /// <summary>The micro-batches of an update.</summary>
    /// <param name="step">Updates made before it.</param>
    public IReadOnlyList<TrainingBatch> Batches(long step)
    {
        _mixture.Seek(step * _settings.Rows);
        List<TrainingBatch> batches = [];
        for (int made = 0; made < _settings.Rows; made += _settings.MicroBatchRows)
        {
            TokenRow[] rows = new TokenRow[Math.Min(_settings.MicroBatchRows, _settings.Rows - made)];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = new TokenRow(_settings.ContextLength + 1);
                (int part, long number) = _mixture.Next();
                _sources[part].Read(number, rows[i]);
            }

            batches.Add(TrainingBatch.From(rows, _settings.AttentionAcrossDocuments));
        }

        return batches;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TokenPart part in _parts)
        {
            part.Dispose();
        }
    }
}

using System.Runtime.InteropServices;
using System.Text;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Files;
using Athanor.Core.Forecasts;
using Athanor.Core.Stages;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;

namespace Athanor.Tokenization.Stages;

/// <summary><c>tokens.encode</c>: turns every document of a corpus into a sequence of token ids, once, so that training only reads numbers.</summary>
public sealed class EncodeTokensStage : IStage<EncodeTokensSettings>
{
    private const int BatchDocuments = 256;

    /// <inheritdoc/>
    public string Name => "tokens.encode";

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public ArtifactKind Produces => ArtifactKind.Tokens;

    /// <inheritdoc/>
    public string Purpose =>
        "Every text is turned into token numbers once and laid on disk, so that training reads numbers as fast as it needs them. "
        + "For conversations a mask tells which tokens were the assistant's to say, because only those are learnt as answers.";

    /// <inheritdoc/>
    public string SurveySection => "4.1.2 Data Preprocessing: Tokenization";

    /// <inheritdoc/>
    public string Describe(EncodeTokensSettings settings) =>
        $"encodes {(settings.Parts.Count == 0 ? "all parts" : string.Join(", ", settings.Parts))} of {settings.Corpus} with {settings.Tokenizer}";

    /// <inheritdoc/>
    public StageForecast? Forecast(EncodeTokensSettings settings, ForecastContext context)
    {
        ArtifactForecast corpus = context.Input(settings.Corpus);
        int vocabulary = context.Input(settings.Tokenizer).VocabularySize;

        // a token stands for 2.75 bytes at a vocabulary of 1,024 and for 0.4 more at each doubling (measured on the documentation)
        double tokens = corpus.TextBytes / Math.Max(1, 2.75 + (0.4 * Math.Log2(vocabulary / 1024.0)));
        int bytesPerToken = (vocabulary > ushort.MaxValue + 1 ? 4 : 2) + (corpus.Parts > 1 ? 1 : 0);
        return new StageForecast
        {
            Seconds = context.TextSeconds(0.2 + (6e-8 * corpus.TextBytes)),
            PeakMemoryBytes = ForecastContext.EmptyProcessBytes + (long)(18.0 * corpus.TextBytes),
            DiskBytes = (long)(bytesPerToken * tokens) + (corpus.Documents * (corpus.Parts > 1 ? 40 : 20)),
            Output = corpus with { VocabularySize = vocabulary },
        };
    }

    /// <inheritdoc/>
    public Task RunAsync(EncodeTokensSettings settings, StageContext context, CancellationToken cancellation)
    {
        Artifact corpus = context.Input(settings.Corpus);
        Tokenizer tokenizer = Tokenizer.Load(context.Input(settings.Tokenizer).Folder);
        ChatTemplate template = ChatTemplate.For(tokenizer);
        List<TokensPart> parts = [];
        foreach (string split in new[] { CorpusLayout.Train, CorpusLayout.Validation, CorpusLayout.Test })
        {
            foreach (string part in CorpusParts.Of(corpus, split, settings.Parts))
            {
                parts.Add(Encode(corpus, split, part, template, context, cancellation));
            }
        }

        TokenizerFolder.Write(tokenizer, context.OutputFolder);
        StatisticsFile.Write(Path.Combine(context.OutputFolder, TokensLayout.Statistics), new TokensStatistics { VocabularySize = tokenizer.VocabularySize, Parts = parts });
        context.Progress.Say($"{parts.Sum(part => part.Tokens):N0} tokens from {parts.Sum(part => part.Bytes) / 1e6:F1} MB in {parts.Sum(part => part.Documents):N0} documents");
        return Task.CompletedTask;
    }

    private static TokensPart Encode(Artifact corpus, string split, string part, ChatTemplate template, StageContext context, CancellationToken cancellation)
    {
        using IProgressTask progress = context.Progress.Begin($"encoding {split}/{part}", null, "documents");
        using TokenShardWriter shard = new(Path.Combine(context.OutputFolder, TokensLayout.Shard(split, part)), template.Tokenizer.VocabularySize - 1);
        using TokenShardWriter mask = new(Path.Combine(context.OutputFolder, TokensLayout.Mask(split, part)), 1);
        bool conversations = false;
        long documents = 0;
        long bytes = 0;
        long answerTokens = 0;
        long answerBytes = 0;
        List<int> flags = [];
        foreach (Document[] batch in CorpusParts.Read(corpus, split, part).Chunk(BatchDocuments))
        {
            EncodedConversation[] encoded = new EncodedConversation[batch.Length];
            Parallel.For(0, batch.Length, new ParallelOptions { CancellationToken = cancellation }, at => encoded[at] = template.Encode(batch[at]));
            for (int at = 0; at < batch.Length; at++)
            {
                shard.Append(encoded[at].Ids);
                flags.Clear();
                foreach (byte flag in encoded[at].Mask)
                {
                    flags.Add(flag);
                    answerTokens += flag;
                }

                mask.Append(CollectionsMarshal.AsSpan(flags));
                conversations |= batch[at].Messages is not null;
                foreach (string text in CorpusParts.TextsOf(batch[at]))
                {
                    bytes += Encoding.UTF8.GetByteCount(text);
                }

                answerBytes += AnswersOf(batch[at]).Sum(text => (long)Encoding.UTF8.GetByteCount(text));
            }

            documents += batch.Length;
            progress.Report(documents);
        }

        shard.Complete();
        if (conversations)
        {
            mask.Complete();
        }

        return new TokensPart(split, part, documents, shard.Tokens, bytes, conversations ? answerTokens : null, conversations ? answerBytes : null);
    }

    private static IEnumerable<string> AnswersOf(Document document) => document.Messages is { } messages
        ? messages.Where(message => message.Role == ChatMessage.Assistant).Select(message => message.Content)
        : [document.Text];
}

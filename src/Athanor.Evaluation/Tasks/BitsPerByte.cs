using System.Text;
using Athanor.Core.Documents;
using Athanor.Evaluation.Scores;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization.Chat;

namespace Athanor.Evaluation.Tasks;

/// <summary>
/// How well a model predicts held-out documents, in bits a byte of their UTF-8 text (Shannon 1951), which compares models of different tokenizers. Every token is scored
/// once; a document longer than the context is read in windows that overlap by a quarter, so that a token has at least a quarter of the context before it
/// (or all there is). Of a conversation only what the assistant says counts; special tokens stand for no bytes and never count. A model without a chat template reads running text alone.
/// </summary>
/// <param name="parts">The parts of the corpus that are scored; null for all.</param>
public sealed class BitsPerByte(IReadOnlyList<string>? parts = null) : EvaluationTask
{
    /// <summary>The metric.</summary>
    public const string Metric = "bits_per_byte";

    /// <inheritdoc/>
    public override string Name => "bits_per_byte";

    /// <inheritdoc/>
    public override string Measures => "How well the model predicts held-out text: how many bits it would need to store a byte of it; less is better.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Metrics { get; } = [Metric];

    /// <inheritdoc/>
    public override bool LowerIsBetter => true;

    /// <inheritdoc/>
    public override bool GroupsApart => true;

    /// <inheritdoc/>
    public override string? Part => null;

    /// <inheritdoc/>
    public override int Limit => 200;

    internal override string? MissingIn(EvaluationData data) => Parts(data).Any() ? null : $"the corpus has no documents in its {data.Split} split";

    internal override int Count(EvaluationData data, int? limit) => Documents(data, limit).Count;

    internal override IReadOnlyList<EvaluatedSample> Ask(TaskRequest request, CancellationToken cancellation)
        => Score(
            request,
            [.. Documents(request.Data, request.Limit).Where(one => one.Document.Messages is null || request.Model.ChatTemplate.Converses)],
            cancellation);

    /// <summary>Scores the documents of some parts.</summary>
    internal static IReadOnlyList<EvaluatedSample> Score(TaskRequest request, IReadOnlyList<(string Part, Document Document)> documents, CancellationToken cancellation)
    {
        ChatTemplate template = request.Model.ChatTemplate;
        List<EvaluatedSample> samples = [];
        foreach ((string Part, Document Document)[] together in documents.Chunk(Math.Max(1, request.BatchSize / 4)))
        {
            List<EncodedConversation> encoded = [.. together.Select(one => template.Encode(one.Document))];
            (double Nats, int Tokens)[] losses = Losses(request.Model, encoded, cancellation);
            for (int index = 0; index < together.Length; index++)
            {
                long bytes = Bytes(together[index].Document);
                if (bytes == 0)
                {
                    continue;
                }

                samples.Add(new EvaluatedSample
                {
                    Model = request.ModelName,
                    Task = Metric,
                    Id = together[index].Document.Id,
                    Group = together[index].Part,
                    Weight = bytes,
                    Values = new Dictionary<string, double> { [Metric] = losses[index].Nats / Math.Log(2) / bytes },
                    Note = $"{losses[index].Tokens} tokens",
                });
            }

            request.Progress?.Report(samples.Count);
        }

        return samples;
    }

    /// <summary>At most so many documents of each part.</summary>
    internal IReadOnlyList<(string Part, Document Document)> Documents(EvaluationData data, int? limit)
        => [.. Parts(data).SelectMany(part => data.Documents(part, limit ?? Limit).Select(document => (part, document)))];

    private IEnumerable<string> Parts(EvaluationData data) => parts is null ? data.Parts : data.Parts.Intersect(parts);

    private static long Bytes(Document document) => document.Messages is { } messages
        ? messages.Where(message => message.Role == ChatMessage.Assistant).Sum(message => (long)Encoding.UTF8.GetByteCount(message.Content))
        : Encoding.UTF8.GetByteCount(document.Text);

    private static (double Nats, int Tokens)[] Losses(ILanguageModel model, List<EncodedConversation> encoded, CancellationToken cancellation)
    {
        List<ScoringRequest> requests = [];
        List<(int Document, int FirstToken)> owners = [];
        for (int index = 0; index < encoded.Count; index++)
        {
            foreach ((int begin, int firstTarget, int end) in Windows(encoded[index].Ids.Length, model.Info.ContextLength))
            {
                requests.Add(new ScoringRequest(encoded[index].Ids.AsMemory(begin, end - begin), firstTarget - begin));
                owners.Add((index, firstTarget));
            }
        }

        IReadOnlyList<float[]> scores = model.Score(requests, cancellation);
        (double Nats, int Tokens)[] losses = new (double, int)[encoded.Count];
        for (int request = 0; request < requests.Count; request++)
        {
            (int document, int first) = owners[request];
            for (int offset = 0; offset < scores[request].Length; offset++)
            {
                int target = first + offset;
                if (encoded[document].Mask[target] == 1 && !model.Tokenizer.IsSpecial(encoded[document].Ids[target]))
                {
                    losses[document].Nats -= scores[request][offset];
                    losses[document].Tokens++;
                }
            }
        }

        return losses;
    }

    /// <summary>Windows over a document: from where to where is read, and the first token that is scored; every token but the first is scored in exactly one.</summary>
    internal static IEnumerable<(int Begin, int FirstTarget, int End)> Windows(int length, int context)
    {
        int overlap = Math.Max(1, context / 4);
        for (int firstTarget = 1; firstTarget < length;)
        {
            int begin = firstTarget == 1 ? 0 : firstTarget - overlap;
            int end = Math.Min(length, begin + context);
            yield return (begin, firstTarget, end);
            firstTarget = end;
        }
    }
}

using System.Runtime.InteropServices;
using Athanor.Models.Checkpoints;
using Athanor.Models.LanguageModels;
using Athanor.Models.Specifications;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Torch.Executors;
using TorchSharp;

namespace Athanor.Torch.LanguageModels;

/// <summary>A language model that libtorch computes.</summary>
public sealed class TorchLanguageModel : ILanguageModel
{
    // Tokens whose keys and values are held at once while scoring.
    private const int ScoredAtOnce = 4096;
    private const int MinimumSharedPrefix = 4;

    // Rows of a pass where its shape is fixed: as many as a pass usually fills, and a multiple of what libtorch's kernels take at once.
    private const int ScoredRows = 192;
    private const int DecodedRows = 64;

    private readonly TransformerWeights _weights;
    private readonly bool _owned;
    private ChatTemplate? _template;

    private TorchLanguageModel(string name, TransformerWeights weights, Tokenizer tokenizer, bool owned, ChatTemplate? template = null)
    {
        _weights = weights;
        _owned = owned;
        Tokenizer = tokenizer;
        _template = template;
        TransformerSpec spec = weights.Plan.Spec;
        Info = new LanguageModelInfo(name, spec.ContextLength, spec.VocabularySize, weights.Plan.Parameters);
    }

    /// <inheritdoc/>
    public LanguageModelInfo Info { get; }

    /// <inheritdoc/>
    public Tokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public ChatTemplate ChatTemplate => _template ??= ChatTemplate.For(Tokenizer);

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="checkpoint">An opened model folder; it may be disposed after.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="type">What it computes in; bfloat16 is not used for decoding.</param>
    /// <param name="template">Its chat template; null for Athanor's own.</param>
    public static TorchLanguageModel Load(string name, Checkpoint checkpoint, Tokenizer tokenizer, FloatType type = FloatType.Float32, ChatTemplate? template = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return new TorchLanguageModel(name, TransformerWeights.From(checkpoint, type, trainable: false), tokenizer, owned: true, template);
    }

    /// <summary>
    /// A model in training as it stands now, for looking at what it can do. It shares the weights of the executors of this project, and copies
    /// them from any other; it must be disposed before the weights change again. Disposing it leaves the transformer as it is.
    /// </summary>
    /// <param name="name">What people call it.</param>
    /// <param name="plan">What the transformer is.</param>
    /// <param name="transformer">The transformer in training.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    public static TorchLanguageModel Over(string name, ModelPlan plan, ITrainableTransformer transformer, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        TransformerWeights? shared = (transformer as AutogradTransformer)?.Shared ?? (transformer as FusedTransformer)?.Shared;
        return shared is not null
            ? new TorchLanguageModel(name, shared, tokenizer, owned: false)
            : new TorchLanguageModel(name, TransformerWeights.CopyOf(plan, transformer.Weights), tokenizer, owned: true);
    }

    /// <inheritdoc/>
    public IReadOnlyList<float[]> Score(IReadOnlyList<ScoringRequest> requests, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(requests);
        float[][] results = new float[requests.Count][];
        for (int from = 0; from < requests.Count;)
        {
            int to = from;
            for (int tokens = 0; to < requests.Count && (to == from || tokens + requests[to].Tokens.Length <= ScoredAtOnce); to++)
            {
                Check(requests[to]);
                tokens += requests[to].Tokens.Length;
                results[to] = new float[requests[to].Tokens.Length - requests[to].FirstTarget];
            }

            cancellation.ThrowIfCancellationRequested();
            ScoreTogether(requests, results, from, to);
            from = to;
        }

        return results;
    }

    /// <inheritdoc/>
    public IDecodingBatch OpenBatch(DecodingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumSequences, 1, nameof(options));
        return new TorchDecodingBatch(options.Independent ? new CachedTransformer(_weights, DecodedRows, fixedShape: true) : new CachedTransformer(_weights, Math.Min(options.MaximumSequences, DecodedRows)), Info, options);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owned)
        {
            _weights.Dispose();
        }
    }

    private void ScoreTogether(IReadOnlyList<ScoringRequest> requests, float[][] results, int from, int to)
    {
        CachedTransformer transformer = new(_weights, ScoredRows, fixedShape: true);
        List<CachedToken> tokens = [];
        List<(int Request, int Target)> targets = [];
        CachedSequence? root = null;
        ReadOnlyMemory<int> rootTokens = default;
        for (int i = from; i < to; i++)
        {
            ReadOnlySpan<int> ids = requests[i].Tokens.Span;
            // what stands before the first target and is the same as in the sequence before is read once (choices of one question)
            int shared = Math.Min(ids.CommonPrefixLength(rootTokens.Span), requests[i].FirstTarget - 1);
            bool shares = root is not null && shared >= MinimumSharedPrefix;
            CachedSequence sequence = shares ? root!.Share(shared) : transformer.Open();
            if (!shares)
            {
                (root, rootTokens, shared) = (sequence, requests[i].Tokens[..^1], 0);
            }

            for (int t = shared; t < ids.Length - 1; t++)
            {
                tokens.Add(new CachedToken(sequence, t, ids[t]));
                targets.Add((i, t + 1));
            }
        }

        transformer.Read(tokens, row => targets[row].Target >= requests[targets[row].Request].FirstTarget, (hidden, rows) =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            long[] wanted = new long[hidden.shape[0]];
            for (int i = 0; i < rows.Count; i++)
            {
                (int request, int target) = targets[rows[i]];
                wanted[i] = requests[request].Tokens.Span[target];
            }

            torch.Tensor logits = transformer.Logits(hidden);
            torch.Tensor chosen = (logits.gather(1, torch.tensor(wanted).unsqueeze(1)).squeeze(1) - logits.logsumexp(1)).to(torch.ScalarType.Float32);
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(chosen.bytes);
            for (int i = 0; i < rows.Count; i++)
            {
                (int request, int target) = targets[rows[i]];
                results[request][target - requests[request].FirstTarget] = values[i];
            }
        });
    }

    private void Check(ScoringRequest request)
    {
        if (request.FirstTarget < 1 || request.FirstTarget > request.Tokens.Length || request.Tokens.Length > Info.ContextLength)
        {
            throw new ArgumentException($"a request of {request.Tokens.Length} tokens scored from {request.FirstTarget} on does not fit a context of {Info.ContextLength}");
        }

        foreach (int token in request.Tokens.Span)
        {
            if ((uint)token >= (uint)Info.VocabularySize)
            {
                throw new ArgumentException($"token {token} is not in the vocabulary of {Info.VocabularySize}");
            }
        }
    }
}

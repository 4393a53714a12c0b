using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Generation.Processors;

namespace Athanor.Generation.Decoding;

/// <summary>
/// Chooses the next token from a row of logits: penalties and removals first, then temperature, then truncations, in the order that Hugging Face
/// transformers applies them; then the most probable token, or a draw. Serves one thread at a time and any number of sequences in turn.
/// </summary>
public sealed class Sampler
{
    private readonly ILogitsProcessor[] _processors;
    private readonly bool _greedy;
    private double[] _weights = [];

    /// <summary>Builds the line of processors that settings ask for.</summary>
    /// <exception cref="AthanorException">A setting is outside its range.</exception>
    public Sampler(GenerationSettings settings)
    {
        settings.Validate();
        _greedy = settings.IsGreedy;
        _processors = [.. Line(settings)];
    }

    /// <summary>Chooses the next token; the logits are changed.</summary>
    /// <param name="logits">The model's logits after the context.</param>
    /// <param name="context">What stands before.</param>
    /// <param name="random">Where draws come from; a greedy choice takes none.</param>
    /// <exception cref="AthanorException">The logits are not numbers, or no token is left.</exception>
    public int Next(Span<float> logits, DecodingContext context, RandomStream random)
    {
        foreach (ILogitsProcessor processor in _processors)
        {
            processor.Process(logits, context);
        }

        float maximum = LogitsMath.Maximum(logits);
        if (float.IsNaN(maximum) || float.IsPositiveInfinity(maximum))
        {
            throw new AthanorException("the model's logits are not finite", "its weights are damaged or its training diverged: copy the model again, or train it with a lower learning rate");
        }

        if (float.IsNegativeInfinity(maximum))
        {
            throw new AthanorException("the settings forbid every token of the vocabulary", "loosen the forbidden words or the n-gram rule");
        }

        return _greedy ? logits.IndexOf(maximum) : Draw(logits, maximum, random);
    }

    private int Draw(ReadOnlySpan<float> logits, float maximum, RandomStream random)
    {
        if (_weights.Length < logits.Length)
        {
            _weights = new double[logits.Length];
        }

        double total = 0;
        for (int token = 0; token < logits.Length; token++)
        {
            double weight = logits[token] == LogitsMath.Removed ? 0 : Math.Exp((double)logits[token] - maximum);
            _weights[token] = weight;
            total += weight;
        }

        double rest = random.NextDouble() * total;
        int last = 0;
        for (int token = 0; token < logits.Length; token++)
        {
            double weight = _weights[token];
            if (weight == 0)
            {
                continue;
            }

            last = token;
            rest -= weight;
            if (rest < 0)
            {
                break;
            }
        }

        // rounding can leave a rest after the last token
        return last;
    }

    private static IEnumerable<ILogitsProcessor> Line(GenerationSettings settings)
    {
        if (settings.RepetitionPenalty != 1)
        {
            yield return new RepetitionPenalty(settings.RepetitionPenalty, settings.RepetitionScope);
        }

        if (settings.PresencePenalty != 0 || settings.FrequencyPenalty != 0)
        {
            yield return new PresenceFrequencyPenalty(settings.PresencePenalty, settings.FrequencyPenalty, TokenScope.Answer);
        }

        if (settings.NoRepeatNgram > 0)
        {
            yield return new NoRepeatNgram(settings.NoRepeatNgram, settings.RepetitionScope);
        }

        if (settings.LoopGuard)
        {
            yield return new LoopGuard();
        }

        if (settings.BadWords.Count > 0)
        {
            yield return new BadWords(settings.BadWords);
        }

        if (settings.MinimumLength > 0)
        {
            yield return new MinimumLength(settings.MinimumLength, settings.StopTokens);
        }

        if (settings.MinimumNewTokens > 0)
        {
            yield return new MinimumNewTokens(settings.MinimumNewTokens, settings.StopTokens);
        }

        if (settings.IsGreedy)
        {
            yield break; // the rest never removes the most probable token
        }

        if (settings.Temperature != 1)
        {
            yield return new Temperature(settings.Temperature);
        }

        if (settings.TopK > 0)
        {
            yield return new TopK(settings.TopK);
        }

        if (settings.TopP < 1)
        {
            yield return new TopP(settings.TopP);
        }

        if (settings.MinP > 0)
        {
            yield return new MinP(settings.MinP);
        }

        if (settings.TypicalP < 1)
        {
            yield return new Typical(settings.TypicalP);
        }

        if (settings.EpsilonCutoff > 0)
        {
            yield return new EpsilonCutoff(settings.EpsilonCutoff);
        }

        if (settings.EtaCutoff > 0)
        {
            yield return new EtaCutoff(settings.EtaCutoff);
        }
    }
}

using Athanor.Core.Errors;
using Athanor.Generation.Processors;

namespace Athanor.Generation.Decoding;

/// <summary>How a text is continued. The defaults sample from the model's own distribution; <see cref="Greedy"/> takes the most probable token each time.</summary>
public sealed record GenerationSettings
{
    /// <summary>Temperatures below this are 0: the quotient would leave the range of single precision.</summary>
    internal const double SmallestTemperature = 1e-4;

    /// <summary>The most probable token each time.</summary>
    public static GenerationSettings Greedy { get; } = new() { Temperature = 0 };

    /// <summary>
    /// What chats begin with: near the most probable answer, because small models know few things well, kept from loops, and lightly from repeating
    /// themselves; a stronger penalty spoils worked sums, which repeat their numbers by right.
    /// </summary>
    public static GenerationSettings Chat { get; } = new() { Temperature = 0.3, TopP = 0.7, FrequencyPenalty = 0.1, LoopGuard = true };

    /// <summary>The most tokens an answer may have.</summary>
    public int MaximumTokens { get; init; } = 256;

    /// <summary>The fewest tokens an answer may have before it may end.</summary>
    public int MinimumNewTokens { get; init; }

    /// <summary>The fewest tokens prompt and answer may have together before the answer may end.</summary>
    public int MinimumLength { get; init; }

    /// <summary>Divides the logits: 0 takes the most probable token, 1 leaves the model's distribution, above flattens it.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps the k most probable tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the most probable tokens up to this probability together; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Removes tokens less probable than this share of the most probable one; 0 keeps all.</summary>
    public double MinP { get; init; }

    /// <summary>Keeps the most typical tokens up to this probability together; 1 keeps all.</summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>Removes tokens less probable than this; 0 keeps all.</summary>
    public double EpsilonCutoff { get; init; }

    /// <summary>The entropy-dependent cut-off's ε; 0 keeps all.</summary>
    public double EtaCutoff { get; init; }

    /// <summary>Divides the positive and multiplies the negative logits of tokens seen before; 1 changes nothing.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Whether the repetition penalty and the n-gram rule look at prompt and answer, or at the answer alone.</summary>
    public TokenScope RepetitionScope { get; init; }

    /// <summary>Taken from a token's logit for each time the answer has used it.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Taken once from the logit of each token the answer has used.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Lets no n-gram of this length occur twice; 0 lets all.</summary>
    public int NoRepeatNgram { get; init; }

    /// <summary>Whether the answer is kept from going round in a loop, see <see cref="Processors.LoopGuard"/>.</summary>
    public bool LoopGuard { get; init; }

    /// <summary>Sequences of tokens that may not occur.</summary>
    public IReadOnlyList<int[]> BadWords { get; init; } = [];

    /// <summary>Tokens that end an answer; they are no part of it.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Texts that end an answer as soon as one of them is complete in it; neither it nor what follows is part of the answer.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Names the random numbers: the same seed, prompts and settings give the same answers.</summary>
    public long Seed { get; init; }

    /// <summary>How many answers each prompt gets.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Whether the most probable token is taken each time.</summary>
    public bool IsGreedy => Temperature < SmallestTemperature;

    /// <summary>Checks the values against their ranges.</summary>
    /// <exception cref="AthanorException">One is outside; the message names it.</exception>
    public void Validate()
    {
        Check(MaximumTokens >= 1, "maximum tokens", MaximumTokens, "at least 1");
        Check(MinimumNewTokens >= 0, "minimum new tokens", MinimumNewTokens, "0 or more");
        Check(MinimumLength >= 0, "minimum length", MinimumLength, "0 or more");
        Check(Temperature is >= 0 and <= 100, "temperature", Temperature, "from 0 (the most probable token) to 100; 0.7 is usual");
        Check(TopK >= 0, "top-k", TopK, "0 (off) or more");
        Check(TopP is >= 0 and <= 1, "top-p", TopP, "from 0 (the most probable token) to 1 (off)");
        Check(MinP is >= 0 and <= 1, "min-p", MinP, "from 0 (off) to 1");
        Check(TypicalP is >= 0 and <= 1, "typical-p", TypicalP, "from 0 to 1 (off)");
        Check(EpsilonCutoff is >= 0 and < 1, "epsilon cut-off", EpsilonCutoff, "from 0 (off) to below 1");
        Check(EtaCutoff is >= 0 and < 1, "eta cut-off", EtaCutoff, "from 0 (off) to below 1");
        Check(RepetitionPenalty is >= 0.01 and <= 100, "repetition penalty", RepetitionPenalty, "from 0.01 to 100; 1 is off, 1.1 is usual");
        Check(FrequencyPenalty is >= -100 and <= 100, "frequency penalty", FrequencyPenalty, "from -100 to 100; 0 is off");
        Check(PresencePenalty is >= -100 and <= 100, "presence penalty", PresencePenalty, "from -100 to 100; 0 is off");
        Check(NoRepeatNgram >= 0, "no-repeat n-gram", NoRepeatNgram, "0 (off) or more");
        Check(Samples >= 1, "samples", Samples, "at least 1");
        if (StopStrings.Any(string.IsNullOrEmpty))
        {
            throw new AthanorException("a stop string is empty", "leave it out: an empty one would end every answer before its first character");
        }

        if (BadWords.Any(sequence => sequence.Length == 0))
        {
            throw new AthanorException("a forbidden sequence has no tokens", "leave it out");
        }
    }

    private static void Check(bool valid, string name, double value, string range)
    {
        if (!valid)
        {
            throw new AthanorException($"{name} is {value}, outside its range", $"give a value {range}");
        }
    }
}

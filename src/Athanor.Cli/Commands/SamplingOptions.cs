using System.CommandLine;
using Athanor.Generation.Decoding;

namespace Athanor.Cli.Commands;

/// <summary>The options of sampling that <c>chat</c> and <c>generate</c> share; what is not given stays as the model's folder or the command says.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<int?> _maximumTokens = new("--max-tokens") { Description = "The most tokens an answer may have (256)." };
    private readonly Option<double?> _temperature = new("--temperature") { Description = "0 takes the most probable token each time, 1 samples from the model's distribution, more is wilder." };
    private readonly Option<int?> _topK = new("--top-k") { Description = "Keep the k most probable tokens; 0 keeps all." };
    private readonly Option<double?> _topP = new("--top-p") { Description = "Keep the most probable tokens whose probabilities together reach this; 1 keeps all." };
    private readonly Option<double?> _minP = new("--min-p") { Description = "Remove tokens less probable than this share of the most probable one; 0 keeps all." };
    private readonly Option<double?> _repetitionPenalty = new("--repetition-penalty") { Description = "Make tokens that occurred before less likely; 1 is off, 1.1 is usual." };
    private readonly Option<int?> _noRepeatNgram = new("--no-repeat-ngram") { Description = "Let no sequence of this many tokens occur twice; 0 is off." };
    private readonly Option<bool?> _loopGuard = new("--loop-guard") { Description = "Whether answers that go round in a loop are broken off (true)." };
    private readonly Option<long?> _seed = new("--seed") { Description = "The same seed gives the same answers (0)." };
    private readonly Option<string[]> _stop = new("--stop") { Description = "End the answer where this text occurs; may be given several times.", DefaultValueFactory = _ => [] };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_maximumTokens, _temperature, _topK, _topP, _minP, _repetitionPenalty, _noRepeatNgram, _loopGuard, _seed, _stop])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The settings with what the command line says.</summary>
    public GenerationSettings Apply(ParseResult result, GenerationSettings settings)
    {
        settings = settings with
        {
            MaximumTokens = result.GetValue(_maximumTokens) ?? settings.MaximumTokens,
            Temperature = result.GetValue(_temperature) ?? settings.Temperature,
            TopK = result.GetValue(_topK) ?? settings.TopK,
            TopP = result.GetValue(_topP) ?? settings.TopP,
            MinP = result.GetValue(_minP) ?? settings.MinP,
            RepetitionPenalty = result.GetValue(_repetitionPenalty) ?? settings.RepetitionPenalty,
            NoRepeatNgram = result.GetValue(_noRepeatNgram) ?? settings.NoRepeatNgram,
            LoopGuard = result.GetValue(_loopGuard) ?? settings.LoopGuard,
            Seed = result.GetValue(_seed) ?? settings.Seed,
            StopStrings = [.. settings.StopStrings, .. result.GetValue(_stop) ?? []],
        };
        settings.Validate();
        return settings;
    }
}

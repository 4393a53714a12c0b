using Athanor.Core.Artifacts;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization;
using Athanor.Torch.Executors;

namespace Athanor.Training.Loop;

/// <summary>Lets a probe ask a model that is being trained.</summary>
internal static class AbilityAsking
{
    public static Func<CancellationToken, AbilityReading>? Of(IAbilityProbe? probe, Artifact? corpus, AutogradTransformer model, Tokenizer tokenizer)
    {
        _ = model;
        _ = tokenizer;
        return probe is null || corpus is null ? null : null;
    }
}

using Athanor.Core.Artifacts;
using Athanor.Models.LanguageModels;
using Athanor.Models.Specifications;
using Athanor.Tokenization;
using Athanor.Torch.Executors;
using Athanor.Torch.LanguageModels;

namespace Athanor.Training.Loop;

/// <summary>Lets a probe ask a model that is being trained.</summary>
internal static class AbilityAsking
{
    public static Func<CancellationToken, AbilityReading>? Of(IAbilityProbe? probe, Artifact? corpus, ModelPlan plan, ITrainableTransformer model, Tokenizer tokenizer) => probe is null || corpus is null ? null : cancellation =>
    {
        using TorchLanguageModel asked = TorchLanguageModel.Over("in training", plan, model, tokenizer);
        return probe.Measure(asked, corpus, cancellation);
    };
}

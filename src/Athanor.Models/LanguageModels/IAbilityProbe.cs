using Athanor.Core.Artifacts;

namespace Athanor.Models.LanguageModels;

/// <summary>Looks at what a model can do while it is being trained; training calls it every so often and keeps what it finds among its metrics.</summary>
public interface IAbilityProbe
{
    /// <summary>Asks a model a fixed, small number of the corpus's validation problems and lets it write samples.</summary>
    /// <param name="model">The model as it is now.</param>
    /// <param name="corpus">The corpus it learns from.</param>
    /// <param name="cancellation">Stops early.</param>
    AbilityReading Measure(ILanguageModel model, Artifact corpus, CancellationToken cancellation);
}

/// <summary>What a probe found.</summary>
/// <param name="Values">Scores from 0 to 1 by name, such as <c>ability/chains.step</c>.</param>
/// <param name="Texts">Samples by name, such as <c>sample/0</c>, each with its prompt.</param>
public sealed record AbilityReading(IReadOnlyDictionary<string, double> Values, IReadOnlyDictionary<string, string> Texts);

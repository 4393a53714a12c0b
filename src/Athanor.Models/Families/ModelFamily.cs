using System.Text.Json.Nodes;
using Athanor.Models.Specifications;

namespace Athanor.Models.Families;

/// <summary>
/// How a family of published models writes its specification (<c>config.json</c>) and names its weights. Nothing else in the product knows a family.
/// </summary>
public abstract class ModelFamily
{
    /// <summary>Every family this version knows.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } = [new LlamaFamily(), new Gpt2Family()];

    /// <summary>The values of <c>model_type</c> that are this family's.</summary>
    public abstract IReadOnlyList<string> ModelTypes { get; }

    /// <summary>The specification that a <c>config.json</c> describes.</summary>
    /// <exception cref="Core.Errors.AthanorException">A setting is missing, malformed, or one this version does not know (named).</exception>
    public abstract TransformerSpec ReadConfig(ConfigReader config);

    /// <summary>Why this family cannot describe a specification, or null where it can.</summary>
    public abstract string? WhyNot(TransformerSpec spec);

    /// <summary>The <c>config.json</c> of a specification, without what every family has in common (number type, special tokens).</summary>
    public abstract JsonObject WriteConfig(TransformerSpec spec);

    /// <summary>The family's tensors, each with the canonical weights it holds.</summary>
    public abstract IReadOnlyList<PublishedWeight> PublishedWeights(TransformerSpec spec);

    /// <summary>A file's name for a tensor as <see cref="PublishedWeights"/> spells it, or null where the tensor is no weight of the model (buffers, a copy of a tied head).</summary>
    public abstract string? NameOf(string tensor, TransformerSpec spec);
}

/// <summary>A tensor of a published checkpoint.</summary>
/// <param name="Name">Its published name.</param>
/// <param name="Canonical">The canonical weights it holds, one after another along their first dimension.</param>
/// <param name="Transposed">Whether it is stored as [in, out].</param>
public sealed record PublishedWeight(string Name, IReadOnlyList<string> Canonical, bool Transposed = false);

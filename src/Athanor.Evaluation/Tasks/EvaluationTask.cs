using Athanor.Evaluation.Scores;

namespace Athanor.Evaluation.Tasks;

/// <summary>
/// Something that can be asked of a model. A task is one small class in this folder that says what it measures and how an answer is judged;
/// <see cref="TaskCatalogue"/> lists them all.
/// </summary>
public abstract class EvaluationTask
{
    /// <summary>The name that settings and files use, such as <c>chains.step</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it measures, one sentence for a reader who is new to it.</summary>
    public abstract string Measures { get; }

    /// <summary>Its metrics, the main one first.</summary>
    public abstract IReadOnlyList<string> Metrics { get; }

    /// <summary>Whether a smaller value is a better one.</summary>
    public virtual bool LowerIsBetter => false;

    /// <summary>What a reader must know to judge a score; null where nothing.</summary>
    public virtual string? Note => null;

    /// <summary>The numbers of solved examples it is asked with when nobody says otherwise.</summary>
    public virtual IReadOnlyList<int> Shots => [0];

    /// <summary>How many problems it asks when nobody says otherwise.</summary>
    public abstract int Limit { get; }

    /// <summary>The task that asks the same problems in another way, which this one is compared with; null where there is none.</summary>
    public virtual string? Variant => null;

    /// <summary>Whether its groups are so different that a score over all of them would say nothing.</summary>
    public virtual bool GroupsApart => false;

    /// <summary>The part of the corpus that teaches it; a model that saw none of that part is not asked unless the task is named.</summary>
    public abstract string? Part { get; }

    /// <summary>Why a corpus cannot ask it; null where it can.</summary>
    internal abstract string? MissingIn(EvaluationData data);

    /// <summary>How many problems there will be.</summary>
    internal abstract int Count(EvaluationData data, int? limit);

    /// <summary>Puts the problems to a model.</summary>
    /// <returns>A sample a problem, in the problems' order.</returns>
    internal abstract IReadOnlyList<EvaluatedSample> Ask(TaskRequest request, CancellationToken cancellation);

    /// <summary>What trivial answerers would get on the same problems; values stand in the problems' order.</summary>
    internal virtual IReadOnlyList<Baseline> Baselines(EvaluationData data, int? limit) => [];

    /// <summary>What blind guessing would get, a value a problem; null where guessing means nothing.</summary>
    internal virtual IReadOnlyList<double>? Chance(EvaluationData data, int? limit) => null;

    /// <summary>The task in words.</summary>
    public TaskDescription Describe() => new(Name, Measures, Metrics, LowerIsBetter, Note);
}

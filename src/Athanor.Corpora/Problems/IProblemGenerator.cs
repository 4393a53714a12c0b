using Athanor.Core.Documents;
using Athanor.Core.Randomness;

namespace Athanor.Corpora.Problems;

/// <summary>Makes up symbolic problems with known answers: conversations to learn from and held-out problems of the same kind.</summary>
internal interface IProblemGenerator
{
    /// <summary>The part its conversations form, such as <c>chains</c>.</summary>
    string Part { get; }

    /// <summary>Conversations of one split; those of different splits have nothing in common that would give an answer away.</summary>
    /// <param name="split">The split.</param>
    /// <param name="count">How many.</param>
    /// <param name="streams">The only source of chance.</param>
    IEnumerable<Document> Documents(string split, int count, RandomStreams streams);

    /// <summary>Problems of one held-out split by task.</summary>
    /// <param name="split">The split.</param>
    /// <param name="count">How many of each task.</param>
    /// <param name="streams">The only source of chance.</param>
    IEnumerable<Problem> Problems(string split, int count, RandomStreams streams);
}

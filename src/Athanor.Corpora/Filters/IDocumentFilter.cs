using Athanor.Core.Documents;

namespace Athanor.Corpora.Filters;

/// <summary>Decides whether a document is worth learning from. To add one: write the class, add it to <see cref="DocumentFilters.All"/>.</summary>
internal interface IDocumentFilter
{
    /// <summary>Its name in settings and statistics, such as <c>too_short</c>.</summary>
    string Name { get; }

    /// <summary>Why such documents go, a sentence for the report.</summary>
    string Purpose { get; }

    /// <summary>Null to keep the document; else the reason to drop it, with the figure that decided.</summary>
    string? ReasonToDrop(Document document);
}

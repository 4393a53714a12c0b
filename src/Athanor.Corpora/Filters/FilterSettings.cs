namespace Athanor.Corpora.Filters;

/// <summary>Thresholds of the filters; see <see cref="BuildCorpusSettings"/> for their meaning.</summary>
internal sealed record FilterSettings(int FewestWords, double LeastLetterShare, double MostRepeatedLines, double MostBoilerplateLines);

using Athanor.Core.Stages;
using Athanor.Tokenization.Stages;

namespace Athanor.Cli.Stages;

/// <summary>Every stage a recipe can use, in the order of a run. A new stage is one line here.</summary>
internal static class StageCatalog
{
    public static IReadOnlyList<IStage> All() =>
    [
        new TrainTokenizerStage(),
        new EncodeTokensStage(),
        new Reporting.ReportStage(),
    ];
}

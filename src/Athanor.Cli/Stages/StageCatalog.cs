using Athanor.Core.Stages;
using Athanor.Corpora;
using Athanor.Evaluation.Harness;
using Athanor.Evaluation.Stages;
using Athanor.Reporting;
using Athanor.Tokenization.Stages;
using Athanor.Torch.LanguageModels;
using Athanor.Training.Pretraining;
using Athanor.Training.Tuning;

namespace Athanor.Cli.Stages;

/// <summary>Every stage a recipe can use, in the order of a run. A new stage is one line here.</summary>
internal static class StageCatalog
{
    public static IReadOnlyList<IStage> All() =>
    [
        new BuildCorpusStage(),
        new TrainTokenizerStage(),
        new EncodeTokensStage(),
        new PretrainStage(new AbilityProbe()),
        new TuneStage(new AbilityProbe()),
        new EvaluateStage(new TorchLanguageModelLoader()),
        new ReportStage(),
    ];
}

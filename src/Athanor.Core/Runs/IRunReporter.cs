using Athanor.Core.Artifacts;
using Athanor.Core.Stages;

namespace Athanor.Core.Runs;

/// <summary>Who watches a run: progress inside stages, and stages as they come and go.</summary>
public interface IRunReporter : IProgressReporter
{
    /// <summary>A stage begins or goes on.</summary>
    void StageStarted(PlannedStage stage, int number, int count);

    /// <summary>A stage was done before.</summary>
    void StageSkipped(PlannedStage stage, int number, int count);

    /// <summary>A stage is done.</summary>
    void StageFinished(PlannedStage stage, Artifact artifact);
}

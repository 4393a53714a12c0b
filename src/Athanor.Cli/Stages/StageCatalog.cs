using Athanor.Core.Stages;

namespace Athanor.Cli.Stages;

/// <summary>Every stage a recipe can use. A new stage is one line here.</summary>
internal static class StageCatalog
{
    public static IReadOnlyList<IStage> All() => [];
}

using Athanor.Core.Artifacts;
using Athanor.Core.Forecasts;

namespace Athanor.Core.Stages;

/// <summary>A step of a run: reads artifacts, writes one. See <see cref="IStage{TSettings}"/>, which is what a stage implements.</summary>
public interface IStage
{
    /// <summary>The name recipes use, such as <c>corpus.build</c>.</summary>
    string Name { get; }

    /// <summary>Raised when the stage's output would change for the same settings and inputs.</summary>
    int Version { get; }

    /// <summary>The kind of artifact the stage makes.</summary>
    ArtifactKind Produces { get; }

    /// <summary>What the stage does and why, two sentences for a reader who is new to the field.</summary>
    string Purpose { get; }

    /// <summary>Where the survey (arXiv 2303.18223) treats it, such as <c>4.1 Data Collection and Preparation</c>.</summary>
    string SurveySection { get; }

    /// <summary>The record of settings.</summary>
    Type SettingsType { get; }

    /// <summary>What the stage would do with these settings, a line or two, for <c>--dry-run</c>.</summary>
    string Describe(object settings);

    /// <summary>What the stage would cost; null where it cannot tell.</summary>
    StageForecast? Forecast(object settings, ForecastContext context);

    /// <summary>Does the work; see <see cref="IStage{TSettings}.RunAsync"/>.</summary>
    Task RunAsync(object settings, StageContext context, CancellationToken cancellation);
}

/// <summary>
/// A step of a run. Everything it needs to know is in its settings and inputs, everything it found out is in its artifact; it calls no other stage.
/// </summary>
/// <typeparam name="TSettings">An immutable record with a default for every setting but its required inputs; the doc comments, attributes of
/// <c>System.ComponentModel.DataAnnotations</c>, <see cref="InputAttribute"/> and <see cref="SourcePathAttribute"/> give meaning, range and kind.</typeparam>
public interface IStage<in TSettings> : IStage
    where TSettings : class
{
    /// <summary>Does the work, writing every file of the artifact under <see cref="StageContext.OutputFolder"/>.</summary>
    /// <param name="settings">The settings, complete and validated.</param>
    /// <param name="context">Inputs, output, random streams, progress, metrics, clock.</param>
    /// <param name="cancellation">Asked on Ctrl-C: write a checkpoint if there is one to write, then throw <see cref="OperationCanceledException"/>.</param>
    Task RunAsync(TSettings settings, StageContext context, CancellationToken cancellation);

    /// <summary>What the stage would do with these settings, a line or two.</summary>
    string Describe(TSettings settings);

    /// <summary>What the stage would cost with these settings on this machine, from the sizes of its inputs; null where it cannot tell.</summary>
    /// <param name="settings">The settings, complete and validated.</param>
    /// <param name="context">What the inputs will be, and what was measured of this machine.</param>
    StageForecast? Forecast(TSettings settings, ForecastContext context) => null;

    Type IStage.SettingsType => typeof(TSettings);

    string IStage.Describe(object settings) => Describe((TSettings)settings);

    StageForecast? IStage.Forecast(object settings, ForecastContext context) => Forecast((TSettings)settings, context);

    Task IStage.RunAsync(object settings, StageContext context, CancellationToken cancellation) => RunAsync((TSettings)settings, context, cancellation);
}

/// <summary>Marks a setting that names an artifact: a stage of the same recipe, or a folder. The value is handed to <see cref="StageContext.Input"/>.</summary>
/// <param name="kind">The kind the artifact must have.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputAttribute(ArtifactKind kind) : Attribute
{
    /// <summary>The kind the artifact must have.</summary>
    public ArtifactKind Kind { get; } = kind;
}

/// <summary>Marks a setting that names a file or folder from outside; its content's digest becomes part of the artifact's key.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SourcePathAttribute : Attribute;

namespace Athanor.Conformance;

/// <summary>Runs the product's own code on one kind of reference case.</summary>
public interface IConformanceKind
{
    /// <summary>The kind, as <c>case.json</c> names it.</summary>
    string Kind { get; }

    /// <summary>The precisions the product's code can run in; each is held against its own tolerance.</summary>
    IReadOnlyList<Precision> Precisions { get; }

    /// <summary>Computes everything the case expects and adds it to the results.</summary>
    void Run(ReferenceCase reference, Precision precision, CaseResults results);
}

/// <summary>What the arithmetic is done in.</summary>
public enum Precision
{
    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>Double precision.</summary>
    Fp64,

    /// <summary>Single precision by the fused executor; held against single precision's tolerance.</summary>
    Fp32Fused,
}

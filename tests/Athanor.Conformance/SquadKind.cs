using System.Text.Json.Nodes;
using Athanor.Evaluation.Metrics;

namespace Athanor.Conformance;

public sealed class SquadKind : IConformanceKind
{
    public string Kind => "squad";

    public IReadOnlyList<Precision> Precisions { get; } = [Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        string[] predictions = Texts(reference.Parameters["predictions"]!);
        string[][] references = [.. reference.Parameters["references"]!.AsArray().Select(list => Texts(list!))];
        double[] exact = [.. predictions.Zip(references, Squad.ExactMatch)];
        double[] f1 = [.. predictions.Zip(references, Squad.F1)];
        results.AddValue("normalised_predictions", predictions.Select(Squad.Normalize).ToArray());
        results.AddValue("exact_match_each", exact);
        results.AddValue("f1_each", f1);
        results.AddValue("exact_match", 100 * exact.Average());
        results.AddValue("f1", 100 * f1.Average());
    }

    private static string[] Texts(JsonNode list) => [.. list.AsArray().Select(text => text!.GetValue<string>())];
}

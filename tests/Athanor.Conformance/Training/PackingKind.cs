using System.Text.Json.Nodes;
using Athanor.Training.Packing;

namespace Athanor.Conformance.Training;

public sealed class PackingKind : IConformanceKind
{
    public string Kind => "packing";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32, Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        JsonObject parameters = reference.Parameters;
        int length = parameters["sequence"]!.GetValue<int>();
        int? end = parameters["eos"]?.GetValue<int>();
        int[][] documents = [.. parameters["documents"]!.AsArray().Select(document => (int[])[.. document!.AsArray().Select(token => token!.GetValue<int>()), .. end is { } token ? [token] : (int[])[]])];
        PackingMethod method = parameters["method"]!.GetValue<string>() switch
        {
            "concatenate-and-cut" => PackingMethod.ConcatenateAndCut,
            "sequential" => PackingMethod.Sequential,
            "first-fit-decreasing" => PackingMethod.FirstFitDecreasing,
            "best-fit-decreasing" => PackingMethod.BestFitDecreasing,
            string other => throw new InvalidDataException($"unknown method {other}"),
        };
        bool keepShort = parameters["last_row"]?.GetValue<string>() switch
        {
            null or "pad" => true,
            "drop" => false,
            string other => throw new InvalidDataException($"unknown last_row {other}"),
        };
        PackedRow[] rows =
        [
            .. SequencePacking.Plan([.. documents.Select(document => document.Length)], length, method, keepShort)
                .Select(pieces => PackedRow.Lay(pieces, length, parameters["pad"]!.GetValue<int>(), (piece, tokens) => documents[piece.Document].AsSpan(piece.Offset, piece.Length).CopyTo(tokens))),
        ];
        results.Add<int>("input_ids", rows.SelectMany(row => row.Tokens).ToArray(), rows.Length, length);
        results.Add<int>("document_ids", rows.SelectMany(row => row.Documents).ToArray(), rows.Length, length);
        results.Add<int>("position_ids", rows.SelectMany(row => Enumerable.Range(0, length).Select(row.PositionOf)).ToArray(), rows.Length, length);
        results.Add<int>("loss_mask", rows.SelectMany(row => Enumerable.Range(0, length).Select(index => row.IsTarget(index) ? 1 : 0)).ToArray(), rows.Length, length);
        results.Add<int>(
            "attention_allowed",
            rows.SelectMany(row => Enumerable.Range(0, length * length).Select(pair => row.Attends(pair / length, pair % length) ? 1 : 0)).ToArray(),
            rows.Length,
            length,
            length);
        results.AddValue("cumulative_lengths", rows.Select(row => row.Starts));
    }
}

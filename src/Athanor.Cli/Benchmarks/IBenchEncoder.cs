namespace Athanor.Cli.Benchmarks;

/// <summary>A new tokenizer that is timed.</summary>
internal interface IBenchEncoder
{
    /// <summary>Encodes documents one after another and returns the number of tokens.</summary>
    long Encode(ReadOnlySpan<string> documents);
}

namespace Athanor.Cli.Benchmarks;

/// <summary>How fast something encodes a text, in 10^6 bytes of UTF-8 a second.</summary>
/// <param name="Text"><c>documentation</c> or <c>mixture</c>.</param>
/// <param name="Warm">The second half of the documents after the first half.</param>
/// <param name="Cold">Every document once, with a new tokenizer.</param>
/// <param name="WarmTwoThreads">As <paramref name="Warm"/> on two threads; null where it was not measured.</param>
/// <param name="BytesPerToken">Bytes of the text a token.</param>
internal sealed record TokenizerRate(string Text, double Warm, double Cold, double? WarmTwoThreads, double BytesPerToken);

/// <summary>A text that attacks a tokenizer, and how long it took.</summary>
/// <param name="Text">What it consists of; each is a megabyte.</param>
/// <param name="Milliseconds">The time, with a new tokenizer.</param>
/// <param name="Tokens">How many tokens it has.</param>
internal sealed record HardText(string Text, double Milliseconds, int Tokens);

/// <summary>What was measured of one tokenizer.</summary>
/// <param name="Tokenizer">The file or folder.</param>
/// <param name="FileBytes">Its length.</param>
/// <param name="LoadMilliseconds">To open it, the best of some times.</param>
/// <param name="AllocatedBytesPerCall">Of a warm call that appends to a list.</param>
/// <param name="Rates">How fast it encodes.</param>
/// <param name="Microsoft">Microsoft.ML.Tokenizers with the same vocabulary; null where it cannot read it.</param>
/// <param name="HardTexts">Texts that attack.</param>
internal sealed record TokenizerFigures(
    string Tokenizer, long FileBytes, double LoadMilliseconds, double AllocatedBytesPerCall, IReadOnlyList<TokenizerRate> Rates, IReadOnlyList<TokenizerRate>? Microsoft, IReadOnlyList<HardText> HardTexts);

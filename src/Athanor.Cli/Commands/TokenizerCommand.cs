using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Core.Errors;
using Microsoft.ML.Tokenizers;
using Spectre.Console;
using Tokenizer = Athanor.Tokenization.Tokenizer;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor tokenizer train|encode|decode|show|compare</c>: what a tokenizer makes of a text.</summary>
internal static class TokenizerCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Dark enough for white letters, and neighbours far apart
    private static readonly Color[] Colors = [new(38, 84, 124), new(140, 47, 57), new(27, 107, 84), new(122, 82, 13), new(90, 60, 130)];

    /// <param name="input">What is read where no text is given; standard input by default.</param>
    public static Command Create(Func<TextReader>? input = null)
    {
        Func<TextReader> reader = input ?? (() => Console.In);
        return new Command("tokenizer", "See what a tokenizer makes of a text; train, convert and change vocabularies.")
        {
            CreateEncode(reader), CreateDecode(reader), CreateShow(reader), TokenizerCompareCommand.Create(),
            TokenizerTrainCommand.Create(), TokenizerConvertCommand.Create(), TokenizerMergeCommand.Create(), TokenizerAddCommand.Create(), TokenizerTrimCommand.Create(),
        };
    }

    private static Command CreateEncode(Func<TextReader> input)
    {
        (Argument<string> tokenizer, Argument<string?> text, Option<bool> special, Option<bool> json) = Parts();
        Command command = new("encode", "Turn a text into token ids.") { tokenizer, text, special, json };
        command.SetAction(result =>
        {
            Tokenizer loaded = Tokenizer.Load(result.GetValue(tokenizer)!);
            string source = result.GetValue(text) ?? input().ReadToEnd();
            int[] ids = result.GetValue(special) ? loaded.EncodeWithSpecialTokens(source) : loaded.Encode(source);
            result.InvocationConfiguration.Output.WriteLine(result.GetValue(json)
                ? JsonSerializer.Serialize(new { ids, tokens = ids.Select(loaded.TokenOf) }, Json)
                : string.Join(' ', ids));
        });
        return command;
    }

    private static Command CreateDecode(Func<TextReader> input)
    {
        Argument<string> tokenizer = TokenizerArgument();
        Argument<string[]> ids = new("IDS") { Arity = ArgumentArity.ZeroOrMore, Description = "Token ids, separated by blanks or commas; left out, they are read from standard input." };
        Option<bool> skip = new("--skip-special") { Description = "Leave special tokens out." };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("decode", "Turn token ids into a text.") { tokenizer, ids, skip, json };
        command.SetAction(result =>
        {
            Tokenizer loaded = Tokenizer.Load(result.GetValue(tokenizer)!);
            string[] given = result.GetValue(ids)!;
            string text = loaded.Decode([.. Ids(given.Length > 0 ? string.Join(' ', given) : input().ReadToEnd(), loaded.VocabularySize)], result.GetValue(skip));
            result.InvocationConfiguration.Output.WriteLine(result.GetValue(json) ? JsonSerializer.Serialize(new { text }, Json) : text);
        });
        return command;
    }

    private static Command CreateShow(Func<TextReader> input)
    {
        (Argument<string> tokenizer, Argument<string?> text, Option<bool> special, Option<bool> json) = Parts();
        Command command = new("show", "Show where the tokens of a text begin and end.") { tokenizer, text, special, json };
        command.SetAction(result =>
        {
            Tokenizer loaded = Tokenizer.Load(result.GetValue(tokenizer)!);
            string source = result.GetValue(text) ?? input().ReadToEnd();
            List<Piece> pieces = Pieces(loaded, source, result.GetValue(special));
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(new { tokens = pieces }, Json));
                return;
            }

            Draw(pieces, output);
            int bytes = Encoding.UTF8.GetByteCount(source);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pieces.Count} tokens, {bytes} bytes, {(double)bytes / Math.Max(1, pieces.Count):F2} bytes a token"));
        });
        return command;
    }

    private static (Argument<string> Tokenizer, Argument<string?> Text, Option<bool> Special, Option<bool> Json) Parts() =>
    (
        TokenizerArgument(),
        new Argument<string?>("TEXT") { Arity = ArgumentArity.ZeroOrOne, Description = "The text; left out, it is read from standard input." },
        new Option<bool>("--special") { Description = "Read special tokens, such as <|user|>, as tokens and not as text." },
        new Option<bool>("--json") { Description = "Print JSON for scripts." });

    private static Argument<string> TokenizerArgument() => new("TOKENIZER") { Description = "A tokenizer file of any format, or a folder that holds one, such as runs/quickstart/tokenizer or a model's folder." };

    private static IEnumerable<int> Ids(string text, int vocabularySize)
    {
        foreach (string word in text.Split([' ', ',', '\n', '\r', '\t', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            yield return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id < vocabularySize
                ? id
                : throw new AthanorException($"{TerminalText.Safe(word)} is no token id", $"ids of this tokenizer are whole numbers from 0 to {vocabularySize - 1}");
        }
    }

    /// <summary>Tokens with their place in the text. Tokens that share a character have the same place; the first of them shows it.</summary>
    private static List<Piece> Pieces(Tokenizer tokenizer, string text, bool special)
    {
        List<Piece> pieces = [];
        int start = 0;
        foreach (string part in special ? tokenizer.CutAtSpecialTokens(text) : [text])
        {
            if (special && tokenizer.TryGetId(part, out int id) && tokenizer.IsSpecial(id))
            {
                pieces.Add(new Piece(id, part, part, start, start + part.Length));
            }
            else
            {
                foreach (EncodedToken token in tokenizer.EncodeToTokens(part, out _))
                {
                    (int from, int to) = (start + token.Offset.Start.Value, start + token.Offset.End.Value);
                    bool shared = pieces.Count > 0 && from < pieces[^1].End;
                    pieces.Add(new Piece(token.Id, token.Value, shared ? "" : text[from..to], from, to));
                }
            }

            start += part.Length;
        }

        return pieces;
    }

    private static void Draw(List<Piece> pieces, TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!console.Profile.Out.IsTerminal || !console.Profile.Capabilities.Ansi || console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors)
        {
            output.WriteLine(string.Join('|', pieces.Select(piece => Visible(piece.Text))));
            return;
        }

        Paragraph paragraph = new();
        for (int at = 0; at < pieces.Count; at++)
        {
            paragraph.Append(Visible(pieces[at].Text), new Style(Color.White, Colors[at % Colors.Length]));
        }

        console.Write(paragraph);
        console.WriteLine();
    }

    // A token that is part of a character, or a line end, must be seen too
    private static string Visible(string text) => text.Length == 0 ? "·" : TerminalText.Safe(text.Replace("\r", "␍", StringComparison.Ordinal).Replace("\n", "⏎\n", StringComparison.Ordinal));

    /// <summary>A token of a text.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Token">The token as the file writes it.</param>
    /// <param name="Text">The text it shows; empty where the token before it began the same character.</param>
    /// <param name="Start">Where it begins, in UTF-16 units.</param>
    /// <param name="End">Where it ends.</param>
    private sealed record Piece(int Id, string Token, string Text, int Start, int End);
}

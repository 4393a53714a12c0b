using Athanor.Tokenization.SentencePiece;

namespace Athanor.Tokenization.Vocabulary;

/// <summary>A tokenizer whose vocabulary was changed, and where the rows of a model's embedding come from.</summary>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="Sources">By new id the old ids whose rows' mean is the new row: one where the token was there before, the pieces it was written in where it is new.</param>
public sealed record VocabularyChange(Tokenizer Tokenizer, IReadOnlyList<IReadOnlyList<int>> Sources)
{
    /// <summary>Writes the tokenizer in its own format: <c>tokenizer.model</c> for SentencePiece, else <c>tokenizer.json</c>.</summary>
    /// <param name="folder">The folder; created if need be.</param>
    /// <returns>The file.</returns>
    /// <exception cref="Core.Errors.AthanorException">The file cannot be written.</exception>
    public string Write(string folder)
    {
        SentencePieceModel? model = (Tokenizer.Pipeline.Model as SentencePieceTokenModel)?.Model;
        string path = Path.Combine(folder, model is null ? Tokenization.Tokenizer.FileName : "tokenizer.model");
        if (model is null)
        {
            Tokenizer.Save(path);
        }
        else
        {
            model.File.Save(path);
        }

        return path;
    }

    internal static IEnumerable<IReadOnlyList<int>> Kept(int count) => Enumerable.Range(0, count).Select(id => (IReadOnlyList<int>)[id]);
}

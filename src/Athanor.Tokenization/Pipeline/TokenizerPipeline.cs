using Athanor.Tokenization.AddedTokens;

namespace Athanor.Tokenization.Pipeline;

/// <summary>
/// The parts of a tokenizer put together: added tokens are cut out of the text, the normalizer rewrites what is between them, the pre-tokenizer cuts it into words,
/// the model turns words into pieces, then come truncation, the post-processor and padding. Immutable.
/// </summary>
internal sealed partial record TokenizerPipeline
{
    /// <summary>Turns words into pieces.</summary>
    public required ITokenModel Model { get; init; }

    /// <summary>Tokens that are found in the text before all else.</summary>
    public AddedVocabulary Added { get; init; } = AddedVocabulary.Empty;

    /// <summary>Rewrites the text; null: it stays as it is.</summary>
    public INormalizer? Normalizer { get; init; }

    /// <summary>Cuts the text into words; null: it is one word.</summary>
    public IPreTokenizer? PreTokenizer { get; init; }

    /// <summary>Adds special tokens; null: none are added.</summary>
    public IPostProcessor? PostProcessor { get; init; }

    /// <summary>Turns tokens into text; null: they are written with a space between two.</summary>
    public IDecoder? Decoder { get; init; }

    /// <summary>How long an encoding may be; null: any length.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>How short encodings are filled up; null: not at all.</summary>
    public Padding? Padding { get; init; }

    /// <summary>Makes the ids of text between added tokens without normalizer, pre-tokenizer and model; null where nobody wrote one for these parts.</summary>
    public IFastEncoder? FastEncoder { get; init; }
}

using System.Text;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;
using Xunit;

namespace Athanor.Tests.Tokenization.Decoders;

// What is expected here is what Hugging Face tokenizers 0.23.2 gives
public sealed class DecoderTests
{
    [Fact]
    public void Byte_letters_of_several_tokens_make_one_character()
    {
        Assert.Equal("é!", Decode(new ByteLevelDecoder(), "Ã", "©!"));
        Assert.Equal("\uFFFDx", Decode(new ByteLevelDecoder(), "Ã", "x"));

        // A space stands for no byte, so this token is text
        Assert.Equal("Ã x", Decode(new ByteLevelDecoder(), "Ã x"));
    }

    [Fact]
    public void A_run_of_byte_tokens_is_one_text_or_as_many_replacement_characters()
    {
        Assert.Equal("a▁b", Decode(new ByteFallbackDecoder(), "a", "<0xE2>", "<0x96>", "<0x81>", "b"));
        Assert.Equal("\uFFFD\uFFFD\uFFFDb", Decode(new ByteFallbackDecoder(), "<0x41>", "<0xE2>", "<0x96>", "b"));
        Assert.Equal("<0xZZ>", Decode(new ByteFallbackDecoder(), "<0xZZ>"));
    }

    [Fact]
    public void Word_pieces_are_joined_and_cleaned_up()
    {
        Assert.Equal("unaffable, don't", Decode(new WordPieceDecoder(), "una", "##ffable", ",", "do", "##n't"));
        Assert.Equal("una ##x .", Decode(new WordPieceDecoder("@@", Cleanup: false), "una", "##x", "."));
    }

    [Fact]
    public void Repeats_and_blanks_go() =>
        Assert.Equal("hello world", Decode(new CtcDecoder(), "<pad>", "h", "h", "e", "l", "<pad>", "l", "o", "|", "|", "w", "o", "r", "l", "d"));

    [Fact]
    public void The_mark_at_the_end_of_a_word_is_a_space_but_for_the_last() => Assert.Equal("low er", Decode(new BytePairDecoder(), "low</w>", "er</w>"));

    [Fact]
    public void The_mark_for_a_space_is_one_but_in_front()
    {
        Assert.Equal("Hey you", Decode(new MetaspaceDecoder(new Rune('▁')), "▁Hey", "▁you"));
        Assert.Equal(" Hey you", Decode(new MetaspaceDecoder(new Rune('▁'), PrependScheme.Never), "▁Hey", "▁you"));
    }

    [Fact]
    public void A_character_goes_from_the_ends_so_often_at_most() => Assert.Equal("_ab", Decode(new StripDecoder(new Rune('_'), 1, 1), "__a_", "b"));

    [Fact]
    public void LLaMAs_decoder_is_made_of_four() => Assert.Equal("Hey é you", Decode(
        new DecoderSequence([new ReplaceDecoder(TextPattern.OfString("▁"), " "), new ByteFallbackDecoder(), new FuseDecoder(), new StripDecoder(new Rune(' '), 1, 0)]),
        "▁Hey", "▁", "<0xC3>", "<0xA9>", "▁you"));

    [Fact]
    public void An_expression_replaces_in_each_token() => Assert.Equal("-b-", Decode(new ReplaceDecoder(TextPattern.OfExpression("[aeiou]+"), "-"), "aub", "e"));

    private static string Decode(IDecoder decoder, params string[] tokens)
    {
        List<string> list = [.. tokens];
        decoder.Decode(list);
        return string.Concat(list);
    }
}

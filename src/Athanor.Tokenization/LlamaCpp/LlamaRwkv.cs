using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>llama.cpp's RWKV: always the longest token that the rest of the text begins with. Tokens are written with escapes (<c>\n</c>, <c>\x0a</c>).</summary>
internal sealed class LlamaRwkv : ILlamaModel
{
    private readonly ByteTrie _trie = new();
    private readonly int _unknown;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="unknown">What stands for a byte that begins no token; -1: nothing does.</param>
    public LlamaRwkv(LlamaVocabulary vocabulary, int unknown)
    {
        _unknown = unknown;
        for (int id = 0; id < vocabulary.Count; id++)
        {
            _trie.Add(Unescape(vocabulary.Texts[id]), id);
        }
    }

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        while (!text.IsEmpty)
        {
            int node = ByteTrie.Root;
            int id = -1;
            int length = 0;
            for (int at = 0; at < text.Length && (node = _trie.Next(node, text[at])) >= 0; at++)
            {
                if (_trie.ValueAt(node) >= 0)
                {
                    id = _trie.ValueAt(node);
                    length = at + 1;
                }
            }

            if (length == 0)
            {
                id = _unknown;
                length = 1;
            }

            if (id >= 0)
            {
                pieces.Add(new Piece(id, start, start + length));
            }

            text = text[length..];
            start += length;
        }
    }

    /// <summary>The bytes of a token as the file writes it.</summary>
    public static byte[] Unescape(ReadOnlySpan<byte> token)
    {
        List<byte> bytes = new(token.Length);
        for (int at = 0; at < token.Length; at++)
        {
            if (token[at] != '\\' || at + 1 == token.Length)
            {
                if (token[at] != '\\')
                {
                    bytes.Add(token[at]);
                }

                continue;
            }

            at++;
            if (token[at] == 'x' && at + 2 < token.Length)
            {
                bytes.Add((byte)((Digit(token[at + 1]) << 4) + Digit(token[at + 2])));
                at += 2;
            }
            else if (token[at] != 'x')
            {
                bytes.Add(token[at] switch { (byte)'t' => (byte)'\t', (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', byte other => other });
            }
        }

        return [.. bytes];
    }

    private static int Digit(byte letter) => letter >= 'a' ? letter - 'a' + 10 : letter - '0';
}

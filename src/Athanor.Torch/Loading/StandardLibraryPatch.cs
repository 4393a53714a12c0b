using System.Buffers.Binary;
using System.Text;

namespace Athanor.Torch.Loading;

/// <summary>
/// libLibTorchSharp.so was linked against GCC 13's libstdc++ and asks for one symbol of version GLIBCXX_3.4.32, which older hosts (Debian 12) lack. The symbol,
/// <c>std::ios_base_library_init()</c>, only makes sure that the library's own static initializer ran, which older libstdc++ does by itself. The patch
/// marks the version as weak and points that one reference at another function the library needs anyway, whose call there has no effect.
/// Everything is found through the dynamic section (ELF gABI, chapter 5; LSB, "Symbol Versioning"); a layout that is not as expected is refused.
/// </summary>
internal static class StandardLibraryPatch
{
    /// <summary>The symbol that hosts before GCC 13 lack.</summary>
    public const string MissingSymbol = "_ZSt21ios_base_library_initv";

    private const string MissingVersion = "GLIBCXX_3.4.32";
    private const string Substitute = "_ZN2at15get_num_threadsEv";
    private const int SymbolSize = 24;
    private const int WeakVersion = 2;
    private const ushort GlobalVersion = 1;

    private const ulong DtStringTable = 5;
    private const ulong DtSymbolTable = 6;
    private const ulong DtGnuHash = 0x6ffffef5;
    private const ulong DtSymbolVersions = 0x6ffffff0;
    private const ulong DtVersionsNeeded = 0x6ffffffe;
    private const ulong DtVersionsNeededCount = 0x6fffffff;

    /// <summary>Patches a copy of the library in memory.</summary>
    /// <exception cref="InvalidDataException">The library is not laid out as expected.</exception>
    public static byte[] Apply(byte[] image)
    {
        try
        {
            Patch(image);
            return image;
        }
        catch (Exception exception) when (exception is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("libLibTorchSharp.so is no ELF library of the expected layout", exception);
        }
    }

    private static void Patch(byte[] image)
    {
        if (!image.AsSpan().StartsWith("\u007fELF\u0002\u0001"u8))
        {
            throw new InvalidDataException("libLibTorchSharp.so is no 64-bit ELF library");
        }

        List<(ulong Address, ulong Offset, ulong Size)> segments = [];
        Dictionary<ulong, ulong> dynamic = [];
        int headers = (int)U64(image, 32);
        int headerSize = U16(image, 54);
        for (int i = 0; i < U16(image, 56); i++)
        {
            int header = headers + (i * headerSize);
            switch (U32(image, header))
            {
                case 1:
                    segments.Add((U64(image, header + 16), U64(image, header + 8), U64(image, header + 32)));
                    break;
                case 2:
                    int end = (int)(U64(image, header + 8) + U64(image, header + 32));
                    for (int entry = (int)U64(image, header + 8); entry < end && U64(image, entry) != 0; entry += 16)
                    {
                        dynamic[U64(image, entry)] = U64(image, entry + 8);
                    }

                    break;
            }
        }

        int Offset(ulong tag)
        {
            ulong address = dynamic.TryGetValue(tag, out ulong found) ? found : throw new InvalidDataException($"the library's dynamic section lacks entry {tag}");
            foreach ((ulong start, ulong offset, ulong size) in segments)
            {
                if (address >= start && address - start < size)
                {
                    return (int)(address - start + offset);
                }
            }

            throw new InvalidDataException("an address of the dynamic section lies outside the library");
        }

        int strings = Offset(DtStringTable);
        int symbols = Offset(DtSymbolTable);
        int versions = Offset(DtSymbolVersions);
        // symbols before this index are undefined: those the library needs from others
        uint undefined = U32(image, Offset(DtGnuHash) + 4);

        ushort missing = WeakenVersion(image, Offset(DtVersionsNeeded), (int)dynamic.GetValueOrDefault(DtVersionsNeededCount), strings);
        int user = -1;
        uint substitute = 0;
        for (int i = 1; i < undefined; i++)
        {
            int symbol = symbols + (i * SymbolSize);
            uint name = U32(image, symbol);
            if (TextAt(image, strings + (int)name) == Substitute)
            {
                substitute = name;
            }

            if ((U16(image, versions + (2 * i)) & 0x7fff) == missing)
            {
                user = user == -1 && TextAt(image, strings + (int)name) == MissingSymbol ? i : throw new InvalidDataException($"the library needs more of {MissingVersion} than expected");
            }
        }

        if (user == -1 || substitute == 0)
        {
            throw new InvalidDataException($"the library does not use {MissingSymbol} as expected");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(symbols + (user * SymbolSize)), substitute);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(versions + (2 * user)), GlobalVersion);
    }

    private static ushort WeakenVersion(byte[] image, int need, int count, int strings)
    {
        for (int i = 0; i < count; i++)
        {
            int auxiliary = need + (int)U32(image, need + 8);
            for (int j = 0; j < U16(image, need + 2); j++)
            {
                if (TextAt(image, strings + (int)U32(image, auxiliary + 8)) == MissingVersion)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(auxiliary + 4), (ushort)(U16(image, auxiliary + 4) | WeakVersion));
                    return U16(image, auxiliary + 6);
                }

                auxiliary += (int)U32(image, auxiliary + 12);
            }

            need += (int)U32(image, need + 12);
        }

        throw new InvalidDataException($"the library does not need {MissingVersion}");
    }

    private static string TextAt(byte[] image, int offset)
    {
        ReadOnlySpan<byte> rest = image.AsSpan(offset);
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ushort U16(byte[] image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(offset));

    private static uint U32(byte[] image, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(offset));

    private static ulong U64(byte[] image, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(offset));
}

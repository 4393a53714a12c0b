using System.Text;
using Athanor.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Athanor.Core.Recipes;

/// <summary>
/// Reads YAML into <see cref="RecipeNode"/>s, keeping the lines. Built on the parser's events, because a recipe comes from outside: depth, size and what
/// aliases multiply to are bounded while reading, tags are refused, keys are texts and distinct.
/// </summary>
internal sealed class RecipeYaml
{
    private const int LargestFile = 1 << 20;
    private const int LargestDepth = 24;
    private const int MostNodes = 50_000;

    private readonly string _source;
    private readonly bool _hasLines;
    private readonly List<string> _faults;
    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, (RecipeNode Node, int Count)> _anchors = [];
    private int _count;

    private RecipeYaml(string source, bool hasLines, string text, List<string> faults)
    {
        _source = source;
        _hasLines = hasLines;
        _faults = faults;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="AthanorException">The file is missing, too large or not UTF-8.</exception>
    public static string ReadText(string path)
    {
        if (Directory.Exists(path))
        {
            throw new AthanorException($"{path} is a folder", "name a recipe, such as recipes/quickstart.yaml");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > LargestFile)
            {
                throw new AthanorException($"{path} has {stream.Length:N0} bytes, a recipe has at most {LargestFile:N0}", "name a recipe, such as recipes/quickstart.yaml");
            }

            byte[] bytes = new byte[LargestFile];
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, stream.ReadAtLeast(bytes, LargestFile, throwOnEndOfStream: false)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException exception)
        {
            throw new AthanorException($"{path} is not a text in UTF-8: {exception.Message}", "save the recipe as UTF-8", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AthanorException($"{path} does not exist", "name a recipe, such as recipes/quickstart.yaml", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "name a recipe that can be read, such as recipes/quickstart.yaml", exception);
        }
    }

    /// <summary>Reads a recipe's map of keys. What can be told beside other faults is added to <paramref name="faults"/>.</summary>
    /// <exception cref="AthanorException">It is not YAML, or not a map.</exception>
    public static MapNode Read(string path, string text, List<string> faults)
    {
        RecipeNode root = new RecipeYaml(path, hasLines: true, text, faults).ReadDocument();
        return root as MapNode ?? throw new AthanorException($"{root.Mark}: a recipe is a map of keys (name, stages), this is {root.Kind}", "start from recipes/quickstart.yaml");
    }

    /// <summary>Reads a value given on the command line.</summary>
    /// <exception cref="AthanorException">It is not YAML.</exception>
    public static RecipeNode ReadValue(string option, string text, List<string> faults) => new RecipeYaml(option, hasLines: false, text, faults).ReadDocument();

    private RecipeNode ReadDocument()
    {
        try
        {
            _parser.Consume<StreamStart>();
            if (_parser.Accept<StreamEnd>(out _))
            {
                return new ScalarNode(new Mark(_source, _hasLines ? 1 : 0), "", Quoted: false);
            }

            _parser.Consume<DocumentStart>();
            RecipeNode root = Read(0);
            _parser.Consume<DocumentEnd>();
            if (!_parser.Accept<StreamEnd>(out _))
            {
                throw Fault(_parser.Current!.Start, "a second document begins here (---), a recipe is one");
            }

            return root;
        }
        catch (YamlException exception)
        {
            throw Fault(exception.Start, $"not YAML: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // the library's scanner lets a few of these through on strange input
            throw Fault(_parser.Current?.End ?? YamlDotNet.Core.Mark.Empty, $"not YAML: {exception.Message}", exception);
        }
    }

    private RecipeNode Read(int depth)
    {
        ParsingEvent current = _parser.Consume<ParsingEvent>();
        Mark mark = MarkOf(current.Start);
        if (++_count > MostNodes || depth > LargestDepth)
        {
            throw Fault(current.Start, _count > MostNodes ? $"more than {MostNodes:N0} values" : $"nested deeper than {LargestDepth} levels");
        }

        if (current is AnchorAlias alias)
        {
            if (!_anchors.TryGetValue(alias.Value, out (RecipeNode Node, int Count) target))
            {
                throw Fault(current.Start, $"*{alias.Value} names nothing that stands before it");
            }

            // a value that is used n times counts n times: nested aliases cannot multiply without bound
            _count += target.Count;
            return target.Node;
        }

        if (current is not NodeEvent node)
        {
            // the library's parser ends a damaged map behind a key, without the empty value that stands there
            throw Fault(current.Start, "a value is missing here");
        }

        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
        {
            throw Fault(current.Start, $"the tag {node.Tag} has no place in a recipe");
        }

        int before = _count;
        RecipeNode result = node switch
        {
            Scalar scalar => new ScalarNode(mark, scalar.Value, scalar.Style is not ScalarStyle.Plain),
            SequenceStart => ReadList(mark, depth),
            MappingStart => ReadMap(mark, depth),
            _ => throw Fault(current.Start, "this is no value"),
        };
        if (!node.Anchor.IsEmpty)
        {
            _anchors[node.Anchor] = (result, _count - before);
        }

        return result;
    }

    private ListNode ReadList(Mark mark, int depth)
    {
        List<RecipeNode> items = [];
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Read(depth + 1));
        }

        return new ListNode(mark, items);
    }

    private MapNode ReadMap(Mark mark, int depth)
    {
        List<MapEntry> entries = [];
        Dictionary<string, Mark> seen = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            RecipeNode key = Read(depth + 1);
            RecipeNode value = Read(depth + 1);
            if (key is not ScalarNode { Text: string name })
            {
                _faults.Add($"{key.Mark}: a key is a word, this is {key.Kind}");
            }
            else if (!seen.TryAdd(name, key.Mark))
            {
                _faults.Add($"{key.Mark}: '{name}' stands here twice, first in line {seen[name].Line}");
            }
            else
            {
                entries.Add(new MapEntry(name, key.Mark, value));
            }
        }

        return new MapNode(mark, entries);
    }

    private Mark MarkOf(YamlDotNet.Core.Mark mark) => new(_source, _hasLines ? (int)Math.Max(1, mark.Line) : 0);

    private AthanorException Fault(YamlDotNet.Core.Mark mark, string what, Exception? inner = null)
        => new($"{MarkOf(mark)}: {what.ReplaceLineEndings(" ")}", "correct it, or start from recipes/quickstart.yaml", inner);
}

using System.Text;

namespace Athanor.Corpora.Documentation;

/// <summary>
/// A documentation comment ID, such as <c>M:System.Collections.Generic.List`1.Add(`0)</c> (C# specification, annex D.4.2), taken apart.
/// Whatever the text is, taking it apart succeeds; a malformed ID gives odd names.
/// </summary>
internal readonly record struct DocumentationId(char Kind, string Container, string Name, int GenericArity, string Arguments, string Result)
{
    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["System.Boolean"] = "bool", ["System.Byte"] = "byte", ["System.SByte"] = "sbyte", ["System.Char"] = "char", ["System.Decimal"] = "decimal",
        ["System.Double"] = "double", ["System.Single"] = "float", ["System.Int32"] = "int", ["System.UInt32"] = "uint", ["System.IntPtr"] = "nint",
        ["System.UIntPtr"] = "nuint", ["System.Int64"] = "long", ["System.UInt64"] = "ulong", ["System.Int16"] = "short", ["System.UInt16"] = "ushort",
        ["System.Object"] = "object", ["System.String"] = "string", ["System.Void"] = "void",
    };

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Addition"] = "+", ["op_Subtraction"] = "-", ["op_Multiply"] = "*", ["op_Division"] = "/", ["op_Modulus"] = "%", ["op_Equality"] = "==",
        ["op_Inequality"] = "!=", ["op_LessThan"] = "<", ["op_GreaterThan"] = ">", ["op_LessThanOrEqual"] = "<=", ["op_GreaterThanOrEqual"] = ">=",
        ["op_BitwiseAnd"] = "&", ["op_BitwiseOr"] = "|", ["op_ExclusiveOr"] = "^", ["op_OnesComplement"] = "~", ["op_LogicalNot"] = "!",
        ["op_LeftShift"] = "<<", ["op_RightShift"] = ">>", ["op_UnsignedRightShift"] = ">>>", ["op_UnaryNegation"] = "-", ["op_UnaryPlus"] = "+",
        ["op_Increment"] = "++", ["op_Decrement"] = "--", ["op_True"] = "true", ["op_False"] = "false", ["op_CheckedAddition"] = "checked +",
        ["op_CheckedSubtraction"] = "checked -", ["op_CheckedMultiply"] = "checked *", ["op_CheckedDivision"] = "checked /",
        ["op_CheckedUnaryNegation"] = "checked -", ["op_CheckedIncrement"] = "checked ++", ["op_CheckedDecrement"] = "checked --",
        ["op_AdditionAssignment"] = "+=", ["op_SubtractionAssignment"] = "-=", ["op_MultiplicationAssignment"] = "*=", ["op_DivisionAssignment"] = "/=",
    };

    /// <summary>Takes an ID apart.</summary>
    public static DocumentationId Parse(string id)
    {
        char kind = id.Length > 1 && id[1] == ':' ? id[0] : '!';
        string rest = kind == '!' ? id : id[2..];
        string result = "";
        int tilde = rest.LastIndexOf('~');
        if (tilde >= 0)
        {
            (rest, result) = (rest[..tilde], rest[(tilde + 1)..]);
        }

        string arguments = "";
        int open = rest.IndexOf('(', StringComparison.Ordinal);
        if (open >= 0)
        {
            (rest, arguments) = (rest[..open], rest[(open + 1)..].TrimEnd(')'));
        }

        int arity = 0;
        int generic = rest.IndexOf("``", StringComparison.Ordinal);
        if (generic >= 0)
        {
            _ = int.TryParse(rest.AsSpan(generic + 2), out arity);
            rest = rest[..generic];
        }

        if (kind == 'T')
        {
            return new DocumentationId(kind, rest, "", 0, "", "");
        }

        int dot = rest.LastIndexOf('.');
        return dot < 0
            ? new DocumentationId(kind, "", rest, arity, arguments, result)
            : new DocumentationId(kind, rest[..dot], rest[(dot + 1)..], arity, arguments, result);
    }

    /// <summary>The name without <c>`1</c> after each of its parts: <c>System.Collections.Generic.List</c>.</summary>
    public static string WithoutArity(string name)
    {
        if (!name.Contains('`', StringComparison.Ordinal))
        {
            return name;
        }

        StringBuilder plain = new(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] == '`')
            {
                while (i + 1 < name.Length && (char.IsAsciiDigit(name[i + 1]) || name[i + 1] == '`'))
                {
                    i++;
                }
            }
            else
            {
                plain.Append(name[i]);
            }
        }

        return plain.ToString();
    }

    /// <summary>The member's name as C# writes it after the type: <c>Add</c>, <c>operator +</c>, <c>this</c>, <c>ICollection.Add</c>.</summary>
    public string ReadableName
    {
        get
        {
            if (Name.StartsWith("op_", StringComparison.Ordinal))
            {
                return Name switch
                {
                    "op_Implicit" or "op_CheckedImplicit" => "implicit operator",
                    "op_Explicit" or "op_CheckedExplicit" => "explicit operator",
                    _ => "operator " + Operators.GetValueOrDefault(Name, Name),
                };
            }

            if (Kind == 'P' && Name == "Item" && Arguments.Length > 0)
            {
                return "this";
            }

            if (!Name.Contains('#', StringComparison.Ordinal) || Name is "#ctor" or "#cctor")
            {
                return Name;
            }

            // An explicit implementation: System#Collections#Generic#ICollection{T}#Add
            int member = Name.LastIndexOf('#');
            string type = Name[..member].Replace('#', '.').Replace('@', ',');
            return ReadableType(type, [], []) + "." + Name[(member + 1)..];
        }
    }

    /// <summary>The arguments' types, readable; parameters passed by reference end in <c>@</c>.</summary>
    public IReadOnlyList<string> ReadableArguments(IReadOnlyList<string> typeParameters, IReadOnlyList<string> methodParameters)
    {
        List<string> types = [];
        foreach (string argument in SplitTop(Arguments))
        {
            types.Add(ReadableType(argument, typeParameters, methodParameters));
        }

        return types;
    }

    /// <summary>A type of an ID as C# writes it, namespaces left out.</summary>
    public static string ReadableType(string id, IReadOnlyList<string> typeParameters, IReadOnlyList<string> methodParameters, int depth = 0)
    {
        if (depth > 16 || id.Length == 0)
        {
            return "…";
        }

        char last = id[^1];
        if (last == '@')
        {
            return ReadableType(id[..^1], typeParameters, methodParameters, depth + 1) + "@";
        }

        if (last == '*')
        {
            return ReadableType(id[..^1], typeParameters, methodParameters, depth + 1) + "*";
        }

        if (last == ']')
        {
            int open = id.LastIndexOf('[');
            if (open > 0)
            {
                int commas = id.AsSpan(open).Count(',');
                return ReadableType(id[..open], typeParameters, methodParameters, depth + 1) + "[" + new string(',', commas) + "]";
            }
        }

        if (id.StartsWith("``", StringComparison.Ordinal))
        {
            return int.TryParse(id.AsSpan(2), out int index) && index >= 0 && index < methodParameters.Count ? methodParameters[index] : "T";
        }

        if (id[0] == '`')
        {
            return int.TryParse(id.AsSpan(1), out int index) && index >= 0 && index < typeParameters.Count ? typeParameters[index] : "T";
        }

        if (Keywords.TryGetValue(id, out string? keyword))
        {
            return keyword;
        }

        int brace = id.IndexOf('{', StringComparison.Ordinal);
        if (brace < 0)
        {
            return WithoutArity(id[(id.LastIndexOf('.') + 1)..]);
        }

        int close = id.LastIndexOf('}');
        if (close < brace)
        {
            return WithoutArity(id);
        }

        string outer = id[..brace];
        List<string> inner = [];
        foreach (string argument in SplitTop(id[(brace + 1)..close]))
        {
            inner.Add(ReadableType(argument, typeParameters, methodParameters, depth + 1));
        }

        string tail = close + 1 < id.Length ? id[(close + 1)..] : "";
        if (outer == "System.Nullable" && inner.Count == 1)
        {
            return inner[0] + "?";
        }

        if (outer == "System.ValueTuple" && inner.Count > 1)
        {
            return "(" + string.Join(", ", inner) + ")";
        }

        return outer[(outer.LastIndexOf('.') + 1)..] + "<" + string.Join(", ", inner) + ">" + tail;
    }

    /// <summary>The short name of a reference: <c>List&lt;T&gt;</c> for a type, <c>List.Add</c> for a member.</summary>
    public static string ReadableReference(string cref)
    {
        if (cref.Length == 0)
        {
            return "";
        }

        DocumentationId id = Parse(cref);
        if (id.Kind is 'T' or 'N' or '!')
        {
            string name = id.Kind == 'T' ? id.Container : id.Container.Length > 0 ? id.Container + "." + id.Name : id.Name;
            if (id.Kind == 'N')
            {
                return name;
            }

            string simple = name[(name.LastIndexOf('.') + 1)..];
            int tick = simple.IndexOf('`', StringComparison.Ordinal);
            return tick > 0 && int.TryParse(simple.AsSpan(tick + 1), out int arity) && arity is > 0 and < 20
                ? simple[..tick] + (arity == 1 ? "<T>" : "<" + string.Join(", ", Enumerable.Range(1, arity).Select(n => "T" + n)) + ">")
                : WithoutArity(simple);
        }

        string type = WithoutArity(id.Container[(id.Container.LastIndexOf('.') + 1)..]);
        return id.Name == "#ctor" ? type : type + "." + id.ReadableName;
    }

    /// <summary>Splits at the commas that stand in no brackets.</summary>
    private static IEnumerable<string> SplitTop(string list)
    {
        if (list.Length == 0)
        {
            yield break;
        }

        int depth = 0;
        int begin = 0;
        for (int i = 0; i < list.Length; i++)
        {
            switch (list[i])
            {
                case '{' or '[' or '(':
                    depth++;
                    break;
                case '}' or ']' or ')':
                    depth--;
                    break;
                case ',' when depth == 0:
                    yield return list[begin..i];
                    begin = i + 1;
                    break;
            }
        }

        yield return list[begin..];
    }
}

using Athanor.Corpora.Documentation;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Athanor.Tests.Corpora;

public sealed class DocumentationIdTests
{
    [Theory]
    [InlineData("System.Int32", "int")]
    [InlineData("System.String[]", "string[]")]
    [InlineData("System.Double[0:,0:]", "double[,]")]
    [InlineData("System.Byte*", "byte*")]
    [InlineData("System.Nullable{System.Int32}", "int?")]
    [InlineData("System.Collections.Generic.Dictionary{System.String,System.Collections.Generic.List{`0}}", "Dictionary<string, List<TKey>>")]
    [InlineData("System.Func{``0,System.Boolean}", "Func<M, bool>")]
    [InlineData("System.ValueTuple{System.Int32,System.String}", "(int, string)")]
    [InlineData("System.Int32@", "int@")]
    [InlineData("`1", "TValue")]
    [InlineData("`9", "T")]
    public void A_type_is_written_as_in_CSharp(string id, string expected)
        => Assert.Equal(expected, DocumentationId.ReadableType(id, ["TKey", "TValue"], ["M"]));

    [Theory]
    [InlineData("T:System.Collections.Generic.List`1", "List<T>")]
    [InlineData("T:System.Collections.Generic.Dictionary`2", "Dictionary<T1, T2>")]
    [InlineData("M:System.IO.File.Open(System.String,System.IO.FileMode)", "File.Open")]
    [InlineData("F:System.Int32.MaxValue", "Int32.MaxValue")]
    [InlineData("M:System.String.#ctor(System.Char[])", "String")]
    [InlineData("N:System.IO", "System.IO")]
    [InlineData("", "")]
    public void A_reference_has_a_short_name(string cref, string expected) => Assert.Equal(expected, DocumentationId.ReadableReference(cref));

    [Theory]
    [InlineData("M:System.Decimal.op_Addition(System.Decimal,System.Decimal)", "operator +")]
    [InlineData("M:System.Decimal.op_Implicit(System.Byte)~System.Decimal", "implicit operator")]
    [InlineData("P:System.String.Item(System.Int32)", "this")]
    [InlineData("M:A.B.System#Collections#Generic#ICollection{T}#Add(`0)", "ICollection<T>.Add")]
    [InlineData("M:A.B.Convert``1(``0)", "Convert")]
    public void A_member_has_a_readable_name(string id, string expected) => Assert.Equal(expected, DocumentationId.Parse(id).ReadableName);

    [Fact]
    public void Any_text_can_be_taken_apart() => Prop.ForAll<string>(text =>
    {
        text ??= "";
        foreach (string id in (string[])[text, "M:" + text, "T:" + text, "M:A.B(" + text + ")"])
        {
            DocumentationId parsed = DocumentationId.Parse(id);
            _ = parsed.ReadableName + string.Concat(parsed.ReadableArguments(["T"], [])) + DocumentationId.ReadableReference(id);
        }
    }).QuickCheckThrowOnFailure();
}

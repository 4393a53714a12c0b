using System.Text;
using System.Xml.Linq;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Corpora.Documentation;
using Athanor.Corpora.Statistics;
using Xunit;

namespace Athanor.Tests.Corpora;

public sealed class XmlDocumentationReaderTests : IDisposable
{
    private const string Sample = """
        <?xml version="1.0" encoding="utf-8"?>
        <doc><assembly><name>A</name></assembly><members>
        <member name="T:N.Stack`1"><summary>A stack of <typeparamref name="T"/>.</summary><typeparam name="T">Its items.</typeparam></member>
        <member name="M:N.Stack`1.Push(`0,System.Int32@)"><summary>Puts an item   on top,
          see <see cref="M:N.Stack`1.Pop"/> or <see langword="null"/>.</summary><param name="item">The item.</param>
          <param name="count">When this method returns, how many there are.</param>
          <returns>The <c>Stack</c> itself.</returns><exception cref="T:System.ArgumentNullException"><paramref name="item"/> is null.</exception>
          <remarks><para>First.</para><para>Second.</para><list type="bullet"><item><term>a</term><description>one</description></item><item><description>two</description></item></list>
          <code>
            if (x)
              y();
          </code></remarks></member>
        <member name="P:N.Stack`1.Count"><summary>To be added.</summary></member>
        <member name="M:N.Stack`1.Push(`0)"><summary>Puts an item on top, see Stack.Pop or null.</summary><param name="item">The item.</param></member>
        <member name="M:N.Stack`1.Peek"><summary>Looks at the top.</summary></member>
        </members></doc>
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("athanor-xml-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_type_becomes_a_document_to_read()
    {
        SourceTally tally = new();
        DocumentedType type = Assert.Single(TypeAssembler.Assemble(XmlDocumentationReader.Read(Write(Sample)), tally));
        Document document = TypeDocument.From(type)!;
        Assert.Equal(
            """
            # Stack<T>
            The stack type of N.
            A stack of T.

            ## Stack.Push(T item, out int count)
            Puts an item on top, see Stack.Pop or null.
            - item: The item.
            - count: When this method returns, how many there are.
            Returns: The Stack itself.
            Throws ArgumentNullException: item is null.
            First.
            Second.
            - a: one
            - two
            ```
            if (x)
              y();
            ```

            ## Stack.Peek()
            Looks at the top.

            """.ReplaceLineEndings("\n"),
            document.Text);
        Assert.Equal("N.Stack`1", document.Id);
        Assert.Equal(1, tally.ToStatistics("x").LeftOut["the same name and summary as another member"]);
    }

    [Theory]
    [InlineData("<!DOCTYPE doc [<!ENTITY a \"aaaa\">]><doc><members><member name=\"T:A.B\"><summary>&a;</summary></member></members></doc>")]
    [InlineData("<doc><members><member name=\"T:A.B\"><summary>x</members></doc>")]
    [InlineData("")]
    [InlineData("not xml")]
    public void What_is_not_plain_well_formed_XML_is_refused(string xml)
        => Assert.Throws<AthanorException>(() => XmlDocumentationReader.Read(Write(xml)).ToList());

    [Fact]
    public void Deep_nesting_is_no_danger()
    {
        StringBuilder xml = new("<doc><members><member name=\"T:A.B\"><summary>x");
        xml.Insert(xml.Length, "<para>", 20_000).Insert(xml.Length, "</para>", 20_000);
        xml.Append("</summary></member></members></doc>");
        Assert.Equal("x", Assert.Single(XmlDocumentationReader.Read(Write(xml.ToString()))).Summary);
    }

    [Fact]
    public void A_mutated_file_is_read_or_refused()
    {
        foreach (byte[] bytes in Mutation.Of(Encoding.UTF8.GetBytes(Sample), 400, "xml documentation"))
        {
            string path = Path.Combine(_folder.FullName, "mutant.xml");
            File.WriteAllBytes(path, bytes);
            try
            {
                foreach (DocumentedType type in TypeAssembler.Assemble(XmlDocumentationReader.Read(path), new SourceTally()))
                {
                    _ = TypeDocument.From(type);
                }
            }
            catch (AthanorException)
            {
            }
        }
    }

    [Theory]
    [InlineData("<s>a<br/>b</s>", "a\nb")]
    [InlineData("<s>  a \n\t b  </s>", "a b")]
    [InlineData("<s>x<sup>2</sup></s>", "x^2")]
    [InlineData("<s>see <see href=\"https://a.b\"/> and <see cref=\"T:A.B\">this</see></s>", "see https://a.b and this")]
    [InlineData("<s><list type=\"number\"><item><description>one</description></item><item><description>two</description></item></list></s>", "1. one\n2. two")]
    public void Comments_are_rendered_as_text(string xml, string expected) => Assert.Equal(expected, DocumentationText.Render(XElement.Parse(xml)));

    private string Write(string xml)
    {
        string path = Path.Combine(_folder.FullName, "a.xml");
        File.WriteAllText(path, xml);
        return path;
    }
}

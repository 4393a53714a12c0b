using Athanor.Corpora.Documentation;

namespace Athanor.Corpora.Conversations;

/// <summary>A member that can be asked about by name: <c>List.Add</c>.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Member">The member.</param>
/// <param name="Summary">The first sentence of its summary.</param>
internal sealed record AskableMember(DocumentedType Type, DocumentedMember Member, string Summary)
{
    private const int LongestSummary = 240;
    private const int ShortestSummary = 16;

    /// <summary>What a person calls it: <c>List.Add</c>.</summary>
    public string Name => Type.PlainName + "." + Member.Name;

    /// <summary>The summary without the words of its own name.</summary>
    public string MaskedSummary => NameMask.Apply(Summary, [Type.PlainName, Member.Name]);

    /// <summary>The members that have a plain name and a summary of reasonable length; of several with one name (overloads, types of one name) the first.</summary>
    public static IReadOnlyList<AskableMember> Of(IEnumerable<DocumentedType> types)
    {
        HashSet<string> names = [];
        List<AskableMember> members = [];
        foreach (DocumentedType type in types)
        {
            foreach (DocumentedMember member in type.Members)
            {
                if (!member.HasPlainName)
                {
                    continue;
                }

                string summary = FirstSentence.Of(member.Summary);
                AskableMember askable = new(type, member, summary);
                if (summary.Length is >= ShortestSummary and <= LongestSummary && names.Add(askable.Name))
                {
                    members.Add(askable);
                }
            }
        }

        return members;
    }
}

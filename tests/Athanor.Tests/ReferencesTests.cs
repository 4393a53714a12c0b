using System.Reflection;
using Xunit;

namespace Athanor.Tests;

public sealed class ReferencesTests
{
    // design: an arrow points at what a project may reference, directly or not
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Athanor.Core"] = [],
        ["Athanor.Statistics"] = ["Athanor.Core"],
        ["Athanor.Corpora"] = ["Athanor.Core", "Athanor.Statistics"],
        ["Athanor.Tokenization"] = ["Athanor.Core"],
        ["Athanor.Models"] = ["Athanor.Core", "Athanor.Tokenization"],
        ["Athanor.Torch"] = ["Athanor.Core", "Athanor.Tokenization", "Athanor.Models"],
        ["Athanor.Training"] = ["Athanor.Core", "Athanor.Tokenization", "Athanor.Models", "Athanor.Torch"],
        ["Athanor.Generation"] = ["Athanor.Core", "Athanor.Tokenization", "Athanor.Models"],
        ["Athanor.Evaluation"] = ["Athanor.Core", "Athanor.Tokenization", "Athanor.Models", "Athanor.Generation", "Athanor.Statistics"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_picture_allows(string project)
    {
        IEnumerable<string> referenced = Assembly.Load(project).GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Athanor.", StringComparison.Ordinal));
        Assert.Empty(referenced.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_Torch_and_Training_see_TorchSharp(string project)
    {
        if (project is "Athanor.Torch" or "Athanor.Training")
        {
            return;
        }

        Assert.DoesNotContain(Assembly.Load(project).GetReferencedAssemblies(), name => name.Name == "TorchSharp");
    }
}

using Athanor.Core.Errors;
using Athanor.Evaluation.Tasks;
using Xunit;

namespace Athanor.Tests.Evaluation.Tasks;

public sealed class TaskCatalogueTests
{
    public static TheoryData<string> Names => [.. TaskCatalogue.All.Select(task => task.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_task_says_in_one_sentence_what_it_measures(string name)
    {
        EvaluationTask task = TaskCatalogue.Find(name);
        Assert.EndsWith(".", task.Measures);
        Assert.DoesNotContain(". ", task.Measures);
        Assert.NotEmpty(task.Metrics);
        Assert.NotEmpty(task.Shots);
        Assert.True(task.Limit > 0);
        Assert.Equal(task.Shots.Order(), task.Shots);
        if (task.Variant is { } variant)
        {
            Assert.NotSame(task, TaskCatalogue.Find(variant));
        }
    }

    [Fact]
    public void Names_are_unique() => Assert.Equal(TaskCatalogue.All.Count, TaskCatalogue.All.Select(task => task.Name).Distinct().Count());

    [Fact]
    public void An_unknown_name_is_answered_with_those_there_are()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => TaskCatalogue.Find("chains"));
        Assert.Contains("chains.step", fault.Cure);
    }
}

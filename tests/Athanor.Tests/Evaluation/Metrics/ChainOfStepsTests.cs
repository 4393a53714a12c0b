using Athanor.Evaluation.Metrics;
using Xunit;

namespace Athanor.Tests.Evaluation.Metrics;

public sealed class ChainOfStepsTests
{
    private const string Question = "Step by step: 7 + 8 - 3 + 9 = ?";

    [Fact]
    public void A_right_solution_has_every_step_right()
        => Assert.Equal(new ChainOfSteps(3, 3, 3, 3, 3), ChainOfSteps.Compare(Question, " 7 + 8 = 15 ; 15 - 3 = 12 ; 12 + 9 = 21 ; answer 21"));

    [Fact]
    public void A_wrong_operand_is_told_from_wrong_arithmetic()
    {
        Assert.Equal(new ChainOfSteps(3, 3, 2, 3, 3), ChainOfSteps.Compare(Question, "7 + 8 = 15 ; 15 + 9 = 24 ; 24 + 9 = 33 ; answer 33"));
        Assert.Equal(new ChainOfSteps(3, 3, 3, 2, 3), ChainOfSteps.Compare(Question, "7 + 8 = 16 ; 16 - 3 = 13 ; 13 + 9 = 22 ; answer 22"));
        Assert.Equal(new ChainOfSteps(3, 3, 3, 3, 2), ChainOfSteps.Compare(Question, "7 + 8 = 15 ; 14 - 3 = 11 ; 11 + 9 = 20 ; answer 20"));
    }

    [Fact]
    public void Missing_and_surplus_steps_earn_nothing()
    {
        Assert.Equal(new ChainOfSteps(3, 0, 0, 0, 0), ChainOfSteps.Compare(Question, "answer 21"));
        Assert.Equal(new ChainOfSteps(3, 5, 3, 3, 3), ChainOfSteps.Compare(Question, "7 + 8 = 15 ; 15 - 3 = 12 ; 12 + 9 = 21 ; 21 + 9 = 30 ; nonsense ; answer 21"));
    }

    [Theory]
    [InlineData("What does List.Add do?")]
    [InlineData("7 + = ?")]
    [InlineData("")]
    public void A_question_without_a_chain_is_none(string question) => Assert.Null(ChainOfSteps.Compare(question, "7 + 8 = 15"));

    [Fact]
    public void Nonsense_of_any_length_is_read_without_a_fault()
        => Assert.Equal(0, ChainOfSteps.Compare(Question, "99999999999999999999 + 8 = 7 ; 999999999 + 999999999 = 1 ; ;;; = = 3")!.OperandRight);
}

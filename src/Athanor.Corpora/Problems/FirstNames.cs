namespace Athanor.Corpora.Problems;

/// <summary>Names for the people of generated problems.</summary>
internal static class FirstNames
{
    public static IReadOnlyList<string> All { get; } =
    [
        "Ada", "Adam", "Alan", "Alice", "Amir", "Ana", "Anna", "Arthur", "Barbara", "Ben", "Bruno", "Carl", "Carmen", "Chen", "Clara", "Daniel", "David", "Diana", "Edith", "Edgar",
        "Elena", "Emil", "Emma", "Erik", "Eva", "Felix", "Fatima", "Frank", "Frida", "George", "Grace", "Greta", "Hans", "Helen", "Henry", "Hugo", "Ida", "Igor", "Ines", "Isaac",
        "Jack", "Jane", "Jonas", "Julia", "Karen", "Kofi", "Lars", "Laura", "Leo", "Lina", "Louis", "Lucy", "Marie", "Mark", "Martha", "Max", "Maya", "Mia", "Nadia", "Nils",
        "Nina", "Noah", "Nora", "Olga", "Oliver", "Omar", "Oscar", "Otto", "Paul", "Paula", "Peter", "Priya", "Quentin", "Rafael", "Rita", "Robert", "Rosa", "Ruth", "Samuel", "Sara",
        "Simon", "Sofia", "Stefan", "Tara", "Theo", "Thomas", "Tim", "Ursula", "Vera", "Victor", "Walter", "Wanda", "Xenia", "Yara", "Yusuf", "Zoe",
    ];
}

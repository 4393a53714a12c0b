using System.Runtime.CompilerServices;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Models.LanguageModels;

namespace Athanor.Generation.Decoding;

/// <summary>Continues prompts with a model: many at once, or one as a stream.</summary>
/// <param name="model">The model, which stays the caller's.</param>
/// <param name="maximumSequences">How many sequences are computed in one pass; more need more memory for their caches.</param>
public sealed class Generator(ILanguageModel model, int maximumSequences = 64)
{
    /// <summary>Whether an answer is to be the same whatever the other prompts are and however many stand in a pass, to the last bit of its probabilities.</summary>
    public bool Independent { get; init; }

    /// <summary>
    /// Continues every prompt. Sequences stand side by side in one pass, and a finished one gives its place to the next prompt (continuous batching, Yu et
    /// al. 2022, Orca). What a prompt gets depends on its own tokens, its place in the list and the settings, not on its company.
    /// </summary>
    /// <param name="prompts">Tokens, none empty, each shorter than the model's context.</param>
    /// <param name="settings">How to write, the same for all.</param>
    /// <param name="progress">Told how many answers are done.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The answers in the order of the prompts, the <see cref="GenerationSettings.Samples"/> of one prompt beside each other.</returns>
    /// <exception cref="AthanorException">A setting is out of range, or a prompt is empty or too long (the message says which).</exception>
    public IReadOnlyList<GenerationResult> Generate(IReadOnlyList<int[]> prompts, GenerationSettings settings, IProgressTask? progress = null, CancellationToken cancellation = default)
    {
        Sampler sampler = new(settings);
        for (int prompt = 0; prompt < prompts.Count; prompt++)
        {
            CheckPrompt(prompts[prompt], model.Info.ContextLength, prompts.Count == 1 ? "the prompt" : $"prompt {prompt + 1} of {prompts.Count}");
        }

        GenerationResult[] results = new GenerationResult[checked(prompts.Count * settings.Samples)];
        if (results.Length == 0)
        {
            return results;
        }

        int places = Math.Min(maximumSequences, results.Length);
        int longest = Math.Min(model.Info.ContextLength, prompts.Max(prompt => prompt.Length) + settings.MaximumTokens);
        RandomStreams streams = new(settings.Seed);
        LogitsBuffer logits = new(places, model.Info.VocabularySize);
        SequenceInput[] inputs = new SequenceInput[places];
        List<Place> active = new(places);
        using IDecodingBatch batch = model.OpenBatch(new DecodingOptions(places, longest) { Independent = Independent });
        int next = 0;
        int done = 0;
        while (done < results.Length)
        {
            while (active.Count < places && next < results.Length)
            {
                active.Add(Seat(batch, active, prompts, next++, settings, streams));
            }

            cancellation.ThrowIfCancellationRequested();
            for (int row = 0; row < active.Count; row++)
            {
                inputs[row] = new SequenceInput(active[row].Sequence, active[row].Answer.LastToken);
            }

            int rows = active.Count;
            batch.Step(inputs.AsSpan(0, rows), logits);
            for (int row = rows - 1; row >= 0; row--)
            {
                Place place = active[row];
                place.Answer.Advance(logits.Row(row), sampler);
                if (place.Answer.Finished is not null)
                {
                    results[place.Number] = place.Answer.Result(place.Prompt, place.Number - (place.Prompt * settings.Samples));
                    batch.Remove(place.Sequence);
                    active.RemoveAt(row);
                    done++;
                }
            }

            progress?.Report(done);
        }

        return results;
    }

    /// <summary>Continues one prompt and gives its text as it comes; the pieces together are the text that <see cref="Generate"/> gives.</summary>
    /// <param name="prompt">Tokens, not empty, shorter than the model's context.</param>
    /// <param name="settings">How to write; of several samples the first is given.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="AthanorException">A setting is out of range, or the prompt is empty or too long.</exception>
    public async IAsyncEnumerable<string> StreamAsync(int[] prompt, GenerationSettings settings, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        CheckPrompt(prompt, model.Info.ContextLength, "the prompt");
        Sampler sampler = new(settings);
        GrowingAnswer answer = new(prompt, model.Info.ContextLength, settings, model.Tokenizer, OpenStream(new RandomStreams(settings.Seed), 0, 0));
        using CachedSequence sequence = new(model);
        await foreach (string piece in WriteAsync(sequence, prompt, answer, sampler, cancellation).ConfigureAwait(false))
        {
            yield return piece;
        }
    }

    /// <summary>Writes an answer on a sequence that may know a part of the prompt; the computing is done on the thread pool.</summary>
    internal static async IAsyncEnumerable<string> WriteAsync(CachedSequence sequence, int[] prompt, GrowingAnswer answer, Sampler sampler, [EnumeratorCancellation] CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await Task.Run(() => sequence.Prepare(prompt), CancellationToken.None).ConfigureAwait(false);
        while (answer.Finished is null)
        {
            cancellation.ThrowIfCancellationRequested();
            string piece = await Task.Run(() => answer.Advance(sequence.Step(answer.LastToken), sampler), CancellationToken.None).ConfigureAwait(false);
            if (piece.Length > 0)
            {
                yield return piece;
            }
        }
    }

    internal static void CheckPrompt(ReadOnlySpan<int> prompt, int contextLength, string name)
    {
        if (prompt.IsEmpty)
        {
            throw new AthanorException($"{name} has no tokens", "give it at least one");
        }

        if (prompt.Length >= contextLength)
        {
            throw new AthanorException($"{name} has {prompt.Length:N0} tokens, but the model's context holds {contextLength:N0}, prompt and answer together", "shorten the prompt, or take a model with a longer context");
        }
    }

    // a sample's numbers depend on its prompt's place and its own, not on how many samples or prompts there are
    private static RandomStream OpenStream(RandomStreams streams, int prompt, int sample) => streams.Open("generation/sample", ((long)prompt << 32) | (uint)sample);

    private Place Seat(IDecodingBatch batch, List<Place> active, IReadOnlyList<int[]> prompts, int number, GenerationSettings settings, RandomStreams streams)
    {
        int prompt = number / settings.Samples;
        int[] tokens = prompts[prompt];
        GrowingAnswer answer = new(tokens, model.Info.ContextLength, settings, model.Tokenizer, OpenStream(streams, prompt, number % settings.Samples));
        SequenceHandle sequence;
        if (active.Find(place => place.Prompt == prompt) is { } sibling)
        {
            sequence = batch.Fork(sibling.Sequence);
            batch.Truncate(sequence, tokens.Length - 1);
        }
        else
        {
            sequence = batch.Add(tokens);
        }

        return new Place(number, prompt, sequence, answer);
    }

    private sealed record Place(int Number, int Prompt, SequenceHandle Sequence, GrowingAnswer Answer);
}

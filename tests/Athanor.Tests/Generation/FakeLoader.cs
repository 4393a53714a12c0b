using Athanor.Core.Errors;
using Athanor.Models.LanguageModels;

namespace Athanor.Tests.Generation;

/// <summary>Opens the same model in memory whatever the folder.</summary>
internal sealed class FakeLoader(FakeLanguageModel model) : ILanguageModelLoader
{
    public ILanguageModel Load(string folder) => Directory.Exists(folder) ? model : throw new AthanorException($"{folder} is missing", "name another");
}

namespace Athanor.Models.LanguageModels;

/// <summary>Opens model folders. The command line hands the one that can to whatever evaluates or uses models, so that those see no executor.</summary>
public interface ILanguageModelLoader
{
    /// <summary>Opens a Hugging Face model folder.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The folder is missing, incomplete, malformed or of a family this version does not know.</exception>
    ILanguageModel Load(string folder);
}

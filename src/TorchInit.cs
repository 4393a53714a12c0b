using System.Runtime.CompilerServices;
using Athanor.Torch.Loading;

/// <summary>Compiled into every assembly that uses TorchSharp: libtorch is loaded before the first of its types is touched.</summary>
internal static class TorchInit
{
#pragma warning disable CA2255 // a module initializer in a library: the one way to come before TorchSharp's own search
    [ModuleInitializer]
    internal static void Load() => TorchLoader.Load();
#pragma warning restore CA2255
}

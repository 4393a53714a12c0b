using Athanor.Torch.Loading;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Torch.Loading;

public sealed class TorchLoaderTests
{
    [Fact]
    public void Two_matrices_are_multiplied()
    {
        using torch.Tensor a = torch.tensor([1f, 2f, 3f, 4f], [2, 2]);
        using torch.Tensor b = torch.tensor([5f, 6f, 7f, 8f], [2, 2]);
        using torch.Tensor c = a.mm(b);
        Assert.Equal([19f, 22f, 43f, 50f], c.data<float>().ToArray());
    }

    [Fact]
    public void The_output_folder_holds_no_copy_of_libtorch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere TorchSharp loads libtorch from the output folder");
        Assert.Empty(Directory.EnumerateFiles(AppContext.BaseDirectory, "libtorch_cpu*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_library_of_another_layout_is_refused()
    {
        byte[] image = new byte[4096];
        "\u007fELF\u0002\u0001"u8.CopyTo(image);
        Assert.Throws<InvalidDataException>(() => StandardLibraryPatch.Apply(image));
        Assert.Throws<InvalidDataException>(() => StandardLibraryPatch.Apply([1, 2, 3]));
    }
}

using Athanor.Core.Errors;
using Athanor.Core.Files;
using Xunit;

namespace Athanor.Tests.Core.Files;

public sealed class AtomicFileTests
{
    [Fact]
    public void A_text_is_written_as_it_is_without_a_byte_order_mark()
    {
        using TemporaryFolder folder = new();
        AtomicFile.WriteText(folder["deep/er/text.txt"], "é\n");
        Assert.Equal([0xC3, 0xA9, 0x0A], File.ReadAllBytes(folder["deep/er/text.txt"]));
    }

    [Fact]
    public void A_writer_that_fails_leaves_the_old_file_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        AtomicFile.WriteText(folder["a"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["a"], stream =>
        {
            stream.Write("new"u8);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(folder["a"]));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_folder_that_is_a_file_is_a_fault_that_names_the_file()
    {
        using TemporaryFolder folder = new();
        AtomicFile.WriteText(folder["a"], "file");
        AthanorException fault = Assert.Throws<AthanorException>(() => AtomicFile.WriteText(folder["a/b"], "text"));
        Assert.Contains(folder["a/b"], fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_a_fault_that_names_the_file_and_leaves_nothing()
    {
        using TemporaryFolder folder = new();
        AthanorException fault = Assert.Throws<AthanorException>(() => AtomicFile.Write(folder["a"], stream =>
        {
            stream.Write("half"u8);
            throw new IOException("No space left on device", 28);
        }));
        Assert.Contains(folder["a"], fault.Message, StringComparison.Ordinal);
        Assert.Contains("full", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}

using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Corpora.Statistics;
using ParquetSharp;

namespace Athanor.Corpora.Sources;

/// <summary>Reads the text column of a Parquet file, a few rows at a time. Empty rows are passed over, mis-encoded ones counted.</summary>
internal static class ParquetTextReader
{
    private const int RowsAtOnce = 256;

    /// <summary>Streams the documents of a file.</summary>
    /// <exception cref="AthanorException">The file is missing or damaged, or has no such column of texts.</exception>
    public static IEnumerable<Document> Read(string path, string name, string column, SourceTally tally)
    {
        using ParquetFileReader reader = Guard(path, () => new ParquetFileReader(path));
        (int groups, int index) = Guard(path, () => (reader.FileMetaData.NumRowGroups, ColumnIndex(reader, path, column)));
        long row = 0;
        for (int group = 0; group < groups; group++)
        {
            using RowGroupReader rows = Guard(path, () => reader.RowGroup(group));
            using ColumnReader physical = Guard(path, () => rows.Column(index));
            using LogicalColumnReader<byte[]> texts = Guard(path, () => physical.LogicalReaderOverride<byte[]>(RowsAtOnce));
            byte[][] batch = new byte[RowsAtOnce][];
            int read;
            while ((read = Guard(path, () => texts.HasNext ? texts.ReadBatch(batch) : 0)) > 0)
            {
                for (int i = 0; i < read; i++)
                {
                    row++;
                    if (batch[i] is not { Length: > 0 } bytes)
                    {
                        continue;
                    }

                    if (System.Text.Unicode.Utf8.IsValid(bytes))
                    {
                        yield return new Document { Id = $"{name}:{row}", Text = System.Text.Encoding.UTF8.GetString(bytes) };
                    }
                    else
                    {
                        tally.Skip("mis-encoded", $"{path}: row {row}: not valid UTF-8");
                    }
                }
            }
        }
    }

    private static int ColumnIndex(ParquetFileReader reader, string path, string column)
    {
        SchemaDescriptor schema = reader.FileMetaData.Schema;
        List<string> names = [];
        for (int i = 0; i < schema.NumColumns; i++)
        {
            ColumnDescriptor descriptor = schema.Column(i);
            string name = descriptor.Path.ToDotString();
            if (name == column)
            {
                return descriptor.PhysicalType == PhysicalType.ByteArray && descriptor.MaxRepetitionLevel == 0
                    ? i
                    : throw new AthanorException($"{path}: the column \"{column}\" does not hold texts but {descriptor.PhysicalType}", "name the column that holds the text: text_field of corpus.build in a recipe, --field of tokenizer train");
            }

            names.Add(name);
        }

        throw new AthanorException($"{path} has no column \"{column}\"; it has {string.Join(", ", names.Take(20))}", "name the column that holds the text: text_field of corpus.build in a recipe, --field of tokenizer train");
    }

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is not (AthanorException or OperationCanceledException))
        {
            // The native reader has many ways to say that bytes are wrong
            throw new AthanorException($"{path} is not a whole Parquet file: {exception.Message.Split('\n')[0]}", "copy or download the file again", exception);
        }
    }
}

package dev.sluice.cli;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Plain text columns, as wide as their widest cell.
final class Table {
    private static final String GAP = "   ";

    private Table() {}

    /// Rows of equal length, the first one the heading.
    static String format(List<List<String>> rows) {
        var widths =
                IntStream.range(0, rows.getFirst().size())
                        .map(
                                column ->
                                        rows.stream()
                                                .mapToInt(row -> row.get(column).length())
                                                .max()
                                                .orElse(0))
                        .toArray();
        return rows.stream().map(row -> line(row, widths)).collect(Collectors.joining());
    }

    private static String line(List<String> row, int[] widths) {
        var cells =
                IntStream.range(0, row.size())
                        .mapToObj(
                                column ->
                                        row.get(column)
                                                + " "
                                                        .repeat(
                                                                widths[column]
                                                                        - row.get(column).length()))
                        .collect(Collectors.joining(GAP));
        return cells.stripTrailing() + System.lineSeparator();
    }
}

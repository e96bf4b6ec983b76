package dev.sluice.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.explorer.scenario.Stories;
import dev.sluice.explorer.scenario.Story;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/invariants.md` names only what exists, and everything that the explorer checks.
class InvariantsPageTest {
    private static final Path ROOT = Path.of("..");
    private static final Path PAGE = ROOT.resolve("docs/invariants.md");
    private static final Path SOURCES = Path.of("src/main/java");
    private static final String NOT_OFFERED = "not offered";

    private static final Pattern RULE =
            Pattern.compile("(?:new Rule<>|report|new Violation)\\(\\s*\"([A-Z]\\d+)\"");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern NUMBER = Pattern.compile("[A-Z]\\d+");
    private static final Pattern TEST = Pattern.compile("(\\w+)#(\\w+)");

    /// A line of one of the tables.
    private record Row(List<String> cells) {
        static Row of(String line) {
            List<String> cells = Stream.of(line.split("\\|", -1)).map(String::strip).toList();
            return new Row(cells.subList(1, cells.size() - 1));
        }

        String first() {
            return cells.getFirst();
        }

        List<String> references(int from) {
            return cells.subList(from, cells.size()).stream()
                    .flatMap(cell -> CODE.matcher(cell).results())
                    .map(code -> code.group(1))
                    .toList();
        }
    }

    private static List<Row> table(int columns) throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("|") && !line.startsWith("|---"))
                .map(Row::of)
                .filter(row -> row.cells().size() == columns)
                .skip(1)
                .toList();
    }

    private static List<Row> invariants() throws IOException {
        return table(4);
    }

    private static List<Row> outages() throws IOException {
        return table(3);
    }

    private static Set<String> rules() throws IOException {
        Set<String> rules = new TreeSet<>();
        for (Path source : java(SOURCES)) {
            RULE.matcher(Files.readString(source))
                    .results()
                    .map(m -> m.group(1))
                    .forEach(rules::add);
        }
        return rules;
    }

    private static List<Path> java(Path below) throws IOException {
        try (Stream<Path> files = Files.walk(below)) {
            return files.filter(f -> f.toString().endsWith(".java")).toList();
        }
    }

    /// Sources of tests, of every module.
    private static List<Path> tests() throws IOException {
        List<Path> tests = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.toList()) {
                Path below = module.resolve("src/test/java");
                if (Files.isDirectory(below)) {
                    tests.addAll(java(below));
                }
            }
        }
        return tests;
    }

    private static boolean isMethod(List<Path> tests, String type, String method) {
        Pattern declared = Pattern.compile("void\\s+" + method + "\\(");
        return tests.stream()
                .filter(f -> f.getFileName().toString().equals(type + ".java"))
                .anyMatch(f -> declared.matcher(text(f)).find());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everythingThatThePageNamesExists() throws IOException {
        Set<String> rules = rules();
        Set<String> stories = Stories.all().stream().map(Story::name).collect(Collectors.toSet());
        List<Path> tests = tests();
        List<String> missing = new ArrayList<>();
        List<String> named = new ArrayList<>();
        invariants().forEach(row -> named.addAll(row.references(2)));
        outages().forEach(row -> named.addAll(row.references(2)));
        for (String name : named) {
            Matcher test = TEST.matcher(name);
            boolean isThere =
                    test.matches()
                            ? isMethod(tests, test.group(1), test.group(2))
                            : rules.contains(name) || stories.contains(name);
            if (!isThere) {
                missing.add(name);
            }
        }

        assertThat(named).hasSizeGreaterThan(200);
        assertThat(missing).isEmpty();
    }

    @Test
    void everyRuleOfTheExplorerIsOnThePage() throws IOException {
        Set<String> named =
                CODE.matcher(Files.readString(PAGE))
                        .results()
                        .map(code -> code.group(1))
                        .filter(code -> NUMBER.matcher(code).matches())
                        .collect(Collectors.toSet());

        assertThat(rules()).hasSizeGreaterThan(40).isSubsetOf(named);
    }

    @Test
    void everyStoryIsOnThePage() throws IOException {
        List<String> named = outages().stream().flatMap(row -> row.references(2).stream()).toList();

        assertThat(named).containsAll(Stories.all().stream().map(Story::name).toList());
    }

    @Test
    void noInvariantIsLeftOutAndEachSaysWhereItIsAsserted() throws IOException {
        List<Row> rows = invariants();

        assertThat(rows)
                .extracting(Row::first)
                .containsExactlyElementsOf(
                        Stream.of(
                                        "T9", "D9", "S8", "P8", "A11", "B7", "X5", "H7", "R11",
                                        "C13", "L8")
                                .flatMap(InvariantsPageTest::upTo)
                                .toList());
        assertThat(rows)
                .allSatisfy(
                        row ->
                                assertThat(
                                                row.cells().getLast().startsWith(NOT_OFFERED)
                                                        || !row.references(2).isEmpty())
                                        .as(row.first())
                                        .isTrue());
        assertThat(outages()).allSatisfy(row -> assertThat(row.references(2)).isNotEmpty());
    }

    /// The numbers of a family up to its last one.
    private static Stream<String> upTo(String last) {
        int count = Integer.parseInt(last.substring(1));
        return IntStream.rangeClosed(1, count).mapToObj(i -> last.charAt(0) + Integer.toString(i));
    }

    @Test
    void aRuleIsFoundHoweverItIsWritten() {
        String source =
                "new Rule<>(\n  \"A7\", x) judge.report(\"L1\", y) new Violation(\"C8\", z)";

        assertThat(RULE.matcher(source).results().map(InvariantsPageTest::number).toList())
                .containsExactly("A7", "L1", "C8");
    }

    private static String number(MatchResult found) {
        return found.group(1);
    }
}

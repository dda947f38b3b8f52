package dev.syncline.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What the README shows is what the compiler has seen. */
class QuotesTest {

    private static final Path ROOT =
            Files.exists(Path.of("README.md")) && Files.exists(Path.of("examples")) ? Path.of("") : Path.of("..");

    private static final Pattern QUOTE =
            Pattern.compile("<!-- quoted from (\\S+) -->\\s*```java\\n(.*?)```", Pattern.DOTALL);

    @TestFactory
    Iterable<DynamicTest> quotesStandInTheirFiles() throws IOException {
        var tests = new ArrayList<DynamicTest>();
        var quotes = QUOTE.matcher(Files.readString(ROOT.resolve("README.md")));
        while (quotes.find()) {
            var source = quotes.group(1);
            var quoted = withoutIndent(quotes.group(2));
            tests.add(DynamicTest.dynamicTest(
                    source,
                    () -> assertThat(withoutIndent(Files.readString(ROOT.resolve(source))))
                            .contains(quoted)));
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(2);
        return tests;
    }

    private static String withoutIndent(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}

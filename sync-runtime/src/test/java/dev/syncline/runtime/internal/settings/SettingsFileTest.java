package dev.syncline.runtime.internal.settings;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.syncline.api.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsFileTest {

    private static final Map<String, String> ENVIRONMENT = Map.of("HOST", "kafka-1", "EMPTY", "");

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "kafka://${HOST}:9092, kafka://kafka-1:9092",
        "${HOST}${HOST}, kafka-1kafka-1",
        "${PORT:9092}, 9092",
        "${HOST:other}, kafka-1",
        "x${EMPTY:other}y, xy",
        "${URI:kafka://h:1}, kafka://h:1",
        "${NONE:}, ''",
        "$${HOST}, ${HOST}",
        "a $ b, a $ b",
        "für, für"
    })
    void variablesAreReplaced(String written, String expected) throws IOException {
        assertThat(load("k = " + written)).containsEntry("k", expected);
    }

    @Test
    void theOrderIsKept() throws IOException {
        assertThat(load("b = 1\na = 2\n# comment\nc = 3"))
                .containsExactly(Map.entry("b", "1"), Map.entry("a", "2"), Map.entry("c", "3"));
    }

    @Test
    void allProblemsAreToldAtOnce() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> load("a = ${A}\nb = ${B}\nc = ${open\nd = 1\nd = 2"))
                .satisfies(wrong -> assertThat(wrong.problems())
                        .hasSize(4)
                        .anyMatch(problem -> problem.contains("variable A") && problem.contains("\"a\""))
                        .anyMatch(problem -> problem.contains("variable B"))
                        .anyMatch(problem -> problem.contains("${ without }"))
                        .anyMatch(problem -> problem.contains("\"d\" is twice")));
    }

    @Test
    void otherEncodingsAreRefusedRatherThanGarbled() throws IOException {
        var file = Files.write(directory.resolve("latin1.properties"), "a = für".getBytes(ISO_8859_1));

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Settings.load(file))
                .withMessageContaining("UTF-8");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Settings.load(directory.resolve("none.properties")))
                .withMessageContaining("none.properties");
    }

    private Map<String, String> load(String text) throws IOException {
        var file = Files.writeString(directory.resolve("sync.properties"), text);
        return new SettingsFile(file, ENVIRONMENT::get).read();
    }
}

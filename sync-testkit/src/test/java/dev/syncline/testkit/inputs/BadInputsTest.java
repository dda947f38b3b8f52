package dev.syncline.testkit.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever comes in, the loop lives, others are handled, and no payload is in a log. The rows: {@link BadInputs}. */
class BadInputsTest {

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private static LogWatch log;
    private static House house;

    @BeforeAll
    static void open() throws IOException {
        log = new LogWatch();
        house = new House(shared);
    }

    @AfterAll
    static void close() {
        house.close();
        log.close();
        log.assertHarmless();
    }

    static List<Input> rows() {
        return BadInputs.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void s22_input(Input row) throws Exception {
        row.check().run(house, directory);

        log.assertHarmless();
    }

    @Test
    void everyNumberHasItsRow() {
        assertThat(BadInputs.all().stream().map(Input::number).distinct().sorted())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 64).boxed().toList());
    }

    @Test
    void thePageSaysWhatTheTableSays() throws IOException {
        var page = Files.readString(Repository.root().resolve("docs/bad-inputs.md"));
        var table = BadInputs.all().stream()
                .map(row -> "| " + row.number() + " | " + row.given() + " | " + row.gets() + " |")
                .collect(Collectors.joining("\n"));

        assertThat(page).as("put this table there:\n%s", table).contains(table);
    }
}

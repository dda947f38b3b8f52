package dev.syncline.runtime.internal.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    @ParameterizedTest
    @CsvSource({"0ms, PT0S", "100ms, PT0.1S", "30s, PT30S", "5m, PT5M", "24h, PT24H", "7d, PT168H", " 1s , PT1S"})
    void durations(String text, Duration expected) {
        assertThat(Values.duration(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "-5s", "5 s", "1.5s", "5S", "PT5S", "99999999999s", "s"})
    void whatIsNoDuration(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Values.duration(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"100ms 200ms 400ms", "none", "1500ms", "1s 5s 30s 5m 1h 24h", "90s"})
    void pausesAreWrittenAsTheyAreRead(String text) {
        assertThat(Values.text(Values.pauses(text))).isEqualTo(text);
    }

    @Test
    void pausesMayHaveAnySpaceBetween() {
        assertThat(Values.pauses(" 1s\t 2s ")).isEqualTo(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)));
        assertThat(Values.pauses("none")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1s,2s", "1s none", "x"})
    void whatAreNoPauses(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Values.pauses(text))
                .withMessageContaining("100ms 200ms");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512B, 512",
        "64KiB, 65536",
        "1MiB, 1048576",
        "10GiB, 10737418240",
        "1TiB, 1099511627776"
    })
    void bytes(String text, long expected) {
        assertThat(Values.bytes(text)).isEqualTo(expected);
        assertThat(Values.bytes(Values.textOfBytes(expected))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5MiB", "1MB", "1mib", "999999999999TiB", "MiB"})
    void whatAreNoBytes(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Values.bytes(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "x", "", "1.0", "99999999999"})
    void countsKeepTheirBounds(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Values.count(text, 1, 10))
                .withMessageContaining("1 to 10");
    }
}

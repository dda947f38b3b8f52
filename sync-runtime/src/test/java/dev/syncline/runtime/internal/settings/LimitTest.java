package dev.syncline.runtime.internal.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitTest {

    @ParameterizedTest
    @ValueSource(strings = {"5 keys 50% 30s", " 5keys 50 % 30000ms ", "5  key  50%  30s"})
    void isKeysAShareAndATime(String text) {
        assertThat(Limit.parse(text, 2)).contains(new Limit(5, 50, Duration.ofSeconds(30)));
    }

    @Test
    void mayBeOff() {
        assertThat(Limit.parse("off", 2)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "none, must be keys",
        "'', must be keys",
        "5 keys 50%, must be keys",
        "5 keys 50% soon, must be a number with ms",
        "1 key 50% 30s, must have from 2 to 1000 keys",
        "5 keys 101% 30s, must have at most 100%",
        "5 keys 50% 900ms, must have a time from 1s to 10m",
        "5 keys 50% 1h, must have a time from 1s to 10m"
    })
    void saysWhatIsWrong(String text, String fault) {
        assertThatThrownBy(() -> Limit.parse(text, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(fault);
    }
}

package dev.syncline.runtime.internal.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {

    @Test
    void theNearestNameIsSuggested() {
        assertThat(Nearest.hint("concurency", List.of("retry", "concurrency", "batch")))
                .isEqualTo("; did you mean \"concurrency\"?");
    }

    @Test
    void nothingIsSuggestedIfNothingIsNear() {
        assertThat(Nearest.hint("zebra", List.of("concurrency", "batch"))).isEmpty();
        assertThat(Nearest.hint("zebra", List.of())).isEmpty();
    }

    @Test
    void ofEquallyNearOnesTheFirstByName() {
        assertThat(Nearest.hint("bx", List.of("bz", "ba"))).isEqualTo("; did you mean \"ba\"?");
    }
}

package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

    private final Arrivals arrivals = new Arrivals();

    @Test
    void oneWaitAtATime() {
        assertThat(arrivals.begins(Set.of("a"))).isTrue();
        assertThat(arrivals.begins(Set.of("a"))).isFalse();

        arrivals.ended();

        assertThat(arrivals.begins(Set.of("a"))).isTrue();
    }

    @Test
    void nothingIsWaitedForWithoutStreams() {
        assertThat(arrivals.begins(Set.of())).isFalse();
        assertThat(arrivals.endsFor(Set.of("a"))).isFalse();
    }

    @Test
    void waitThatCoversWhatIsWantedGoesOn() {
        arrivals.begins(Set.of("a", "b"));

        assertThat(arrivals.endsFor(Set.of("a"))).isFalse();
        assertThat(arrivals.endsFor(Set.of())).isFalse();
    }

    @Test
    void waitThatLeavesOutAStreamIsEndedOnce() {
        arrivals.begins(Set.of("a"));

        assertThat(arrivals.endsFor(Set.of("a", "b"))).isTrue();
        assertThat(arrivals.endsFor(Set.of("a", "b"))).isFalse();

        arrivals.ended();
        assertThat(arrivals.begins(Set.of("a", "b"))).isTrue();
    }

    /** The end may overtake the wait, on another connection: without a second try the new stream would wait it out. */
    @Test
    void endThatCameTooEarlyIsTriedAgain() {
        arrivals.begins(Set.of("a"));
        arrivals.endsFor(Set.of("a", "b"));

        arrivals.wasNotThere();

        assertThat(arrivals.endsFor(Set.of("a", "b"))).isTrue();
    }
}

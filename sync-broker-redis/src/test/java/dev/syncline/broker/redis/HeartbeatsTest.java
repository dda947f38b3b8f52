package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who counts as live: that somebody is on the list says nothing, that its entry moves says all. */
class HeartbeatsTest {

    private static final long START = Long.MAX_VALUE - 10; // the clock may run over
    private static final long SILENCE = Heartbeats.SILENCE.toNanos();
    private static final Set<String> OTHER = Set.of("other");

    private final Heartbeats heartbeats = new Heartbeats();

    @Test
    void whoIsOnTheListFromTheStartMayBeDead() {
        heartbeats.listed(Map.of("other", "15000"), START);
        heartbeats.listed(Map.of("other", "15000"), START + 1);

        assertThat(heartbeats.areLive(OTHER, START + 1)).isFalse();
        assertThat(heartbeats.areLive(Set.of(), START + 1)).isTrue();
    }

    @Test
    void whoseEntryMovesIsLiveUntilItIsSilentForTooLong() {
        heartbeats.listed(Map.of("other", "15000"), START);

        heartbeats.listed(Map.of("other", "16000"), START + 1);

        assertThat(heartbeats.areLive(OTHER, START + 1 + SILENCE)).isTrue();
        assertThat(heartbeats.areLive(OTHER, START + 2 + SILENCE)).isFalse();
    }

    @Test
    void whoComesWhileWeListenIsLive() {
        heartbeats.listed(Map.of(), START);

        heartbeats.listed(Map.of("other", "15000"), START + 1);

        assertThat(heartbeats.areLive(OTHER, START + 1)).isTrue();
    }

    /** It may have come and died in between. */
    @Test
    void whoCameWhileWeWereCutOffMayBeDead() {
        heartbeats.listed(Map.of(), START);
        heartbeats.disconnected();

        heartbeats.listed(Map.of("other", "15000"), START + 1);

        assertThat(heartbeats.areLive(OTHER, START + 1)).isFalse();
        heartbeats.listed(Map.of("other", "16000"), START + 2);
        assertThat(heartbeats.areLive(OTHER, START + 2)).isTrue();
    }

    @Test
    void whoLeftAndIsThereAgainIsNew() {
        heartbeats.listed(Map.of("other", "15000"), START);
        heartbeats.listed(Map.of(), START + 1);

        heartbeats.listed(Map.of("other", "15000"), START + 2);

        assertThat(heartbeats.areLive(OTHER, START + 2)).isTrue();
    }
}

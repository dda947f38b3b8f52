package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.settle.Window;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What others see of the keys of a lane that wait. */
class BlockedKeysTest {

    private final LaneParts lane = new LaneParts(1);
    private final Window window = new Window(1024);
    private final BlockedKeys blocked = new BlockedKeys();

    private InFlight event(String key, String id) {
        return lane.event(key, id, window);
    }

    private void arrives(String key, String id) {
        lane.arrivals.accept(event(key, id), 0);
    }

    private KeyState blockedKey(String name, int events) {
        var state = lane.table.queue(event(name, name + "-1"));
        for (int n = 2; n <= events; n++) {
            lane.table.queue(state, event(name, name + "-" + n));
        }
        state.code = "broken";
        return state;
    }

    @Test
    void thoseThatWaitLongestAreShownAndFollowedByOthersWhenTheyGo() {
        var keys = IntStream.range(0, 150).mapToObj(n -> blockedKey("k" + n, 1)).toList();
        keys.forEach(blocked::note);
        blocked.show();
        assertThat(blocked.shown()).hasSize(100).extracting(BlockedKey::key).contains("k0", "k99");
        assertThat(blocked.events()).isEqualTo(150);

        keys.get(0).resetHead();
        blocked.note(keys.get(0));
        blocked.show();

        assertThat(blocked.shown()).hasSize(100).extracting(BlockedKey::key).contains("k1", "k100");
        assertThat(blocked.events()).isEqualTo(149);
    }

    @Test
    void eventsOfAKeyAreToldOnceHoweverOftenItIsNoted() {
        var key = blockedKey("a", 3);

        blocked.note(key);
        blocked.note(key);
        assertThat(blocked.events()).isEqualTo(3);

        key.events.remove();
        blocked.note(key);
        assertThat(blocked.events()).isEqualTo(2);
    }

    /** Else nobody knew that all is quiet but for them: they are neither settled nor told as waiting. */
    @Test
    void l3_whatTheDiskRefusesBehindAParkedKeyIsToldAsWaiting() {
        lane.verdicts.put("1", new Verdict.Rejected("rejected", "no", null));
        arrives("a", "1");

        lane.isDiskGood = false;
        for (int n = 2; lane.table.queued() == 0; n++) {
            arrives("a", "" + n);
        }
        assertThat(lane.keys.recovery.blockedEvents()).isOne();

        lane.isDiskGood = true;
        arrives("a", "last");
        assertThat(lane.keys.recovery.blockedEvents()).isZero();
    }
}

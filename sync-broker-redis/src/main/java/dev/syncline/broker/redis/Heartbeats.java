package dev.syncline.broker.redis;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who of a group was heard of. A dead member is on the server's list for as long as its lease lasts, and nothing there
 * tells it from a live one but that it says nothing any more: so only who was heard of while we listened counts as live.
 *
 * <p>Threading: the polling thread.
 */
final class Heartbeats {

    /** Members say that they live once a second, or more often, and we ask as often: two may be missed in between. */
    static final Duration SILENCE = Duration.ofMillis(2500);

    /**
     * One member.
     *
     * @param said what it said last: until when it is to count as alive
     * @param heardNanos when that was news to us; null if it never was
     */
    private record Heard(String said, @Nullable Long heardNanos) {}

    private final Map<String, Heard> members = new HashMap<>();
    private boolean isListening;

    /** All members, with what each of them said last. */
    void listed(Map<String, String> said, long nowNanos) {
        members.keySet().retainAll(said.keySet());
        said.forEach((member, now) -> {
            var before = members.get(member);
            boolean isNews = before == null ? isListening : !before.said().equals(now);
            if (isNews) {
                members.put(member, new Heard(now, nowNanos));
            } else if (before == null) {
                members.put(member, new Heard(now, null));
            }
        });
        isListening = true;
    }

    /** Whether all of these were heard of lately. */
    boolean areLive(Set<String> which, long nowNanos) {
        return which.stream().allMatch(member -> {
            var heard = members.get(member);
            return heard != null && heard.heardNanos() != null && nowNanos - heard.heardNanos() <= SILENCE.toNanos();
        });
    }

    /** Who comes and dies meanwhile is not heard. */
    void disconnected() {
        isListening = false;
    }
}

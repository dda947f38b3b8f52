package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.envelope.LogText;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the events of a lane that were settled without being applied, by reason: {@code echo}, {@code mode},
 * {@code expired}, {@code skip}, {@code filtered} … and, where no method takes their type, by that type. Names of types come from
 * outside, so there is a most.
 *
 * <p>Threading: the lane counts, any thread reads.
 */
final class Skips {

    private static final int MOST = 64;
    private static final String OTHERS = "unhandled.type others";

    private final Map<String, Long> counts = new ConcurrentHashMap<>();

    void count(String code) {
        counts.merge(code, 1L, Long::sum);
    }

    void unhandled(String type) {
        var reason = "unhandled.type " + LogText.of(type);
        count(counts.size() < MOST || counts.containsKey(reason) ? reason : OTHERS);
    }

    void addTo(Map<String, Long> sum) {
        counts.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
    }
}

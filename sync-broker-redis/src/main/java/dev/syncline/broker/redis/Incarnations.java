package dev.syncline.broker.redis;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which incarnation of each topic was written to, so that also a producer that is made after a lost connection finds that
 * a topic was made anew meanwhile. Lives as long as its broker. Thread-safe.
 */
final class Incarnations {

    private final Map<String, String> known = new ConcurrentHashMap<>();

    /** That of a topic; empty if none is known. */
    String of(String topic) {
        return known.getOrDefault(topic, "");
    }

    /** Something was appended. */
    void appended(String topic, String incarnation) {
        known.putIfAbsent(topic, incarnation);
    }

    /** The topic is another one now, and that was told. */
    void forget(String topic) {
        known.remove(topic);
    }
}

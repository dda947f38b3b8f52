package dev.syncline.broker.redis;

import dev.syncline.spi.LogStore;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.StateStore.StateScope;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;

/** Logs of parked events: each is that of partition 0 in a scope of its own, which has no other entries. */
final class RedisLogStore implements LogStore {

    /** No topic has an empty name, so no shared state lies there. */
    private static final String NO_TOPIC = "";

    private final RedisStateStore states;

    RedisLogStore(RedisStateStore states) {
        this.states = states;
    }

    private static StateScope scope(LogScope log) {
        return new StateScope(log.group(), log.broker(), NO_TOPIC, 1, Duration.ofDays(1));
    }

    @Override
    public void check(Collection<LogScope> logs, Duration atMost) {
        states.check(atMost);
    }

    @Override
    public CompletionStage<OwnedLog> takeLog(LogScope log, String member) {
        return states.take(scope(log), 0, member).thenApply(state -> state);
    }

    @Override
    public void forgetLog(LogScope log, Duration atMost) {
        states.forget(scope(log), atMost);
    }

    @Override
    public void close() {
        states.close();
    }
}

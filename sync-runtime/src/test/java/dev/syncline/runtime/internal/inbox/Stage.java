package dev.syncline.runtime.internal.inbox;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A data directory, two clocks and a list of alarms, in which stores are opened and opened again. */
final class Stage {

    final InboxDirectory directory;
    final List<String> alarms = new ArrayList<>();
    final InboxAlarms listener = new InboxAlarms() {
        @Override
        public void onDamaged(Path putAside, String why) {
            alarms.add("damaged " + putAside.getFileName());
        }

        @Override
        public void onSecondOrigin(String topic, String key, String origin) {
            alarms.add("second origin " + origin + " of " + topic + " " + key);
        }
    };

    private Instant wall = Instant.parse("2026-03-01T00:00:00Z");
    private long nanos = 17;

    Stage(Path data) {
        directory = new InboxDirectory(data);
    }

    ShardedInbox inbox(InboxSettings settings) {
        return inbox("shop", settings);
    }

    ShardedInbox inbox(String handler, InboxSettings settings) {
        return ShardedInbox.open(directory, handler, settings, InstantSource.fixed(wall), () -> nanos, listener);
    }

    ShardedGuard guard() {
        return ShardedGuard.open(
                directory, "shop", InboxSettings.defaults(), InstantSource.fixed(wall), () -> nanos, listener);
    }

    ShardedInbox inMemoryInbox(InboxSettings settings) {
        return ShardedInbox.inMemory(settings, InstantSource.fixed(wall), () -> nanos);
    }

    ShardedGuard inMemoryGuard() {
        return ShardedGuard.inMemory(InstantSource.fixed(wall), () -> nanos, listener);
    }

    void pass(Duration time) {
        nanos += time.toNanos();
        wall = wall.plus(time);
    }
}

package dev.syncline.testkit;

import dev.syncline.runtime.Sync;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What a lab was told before it was used. */
final class LabConfiguration {

    final List<Consumer<Sync.Builder>> further = new ArrayList<>();
    final Map<String, String> settings = new HashMap<>(Map.of("defaults.concurrency", "2"));
    private final Object[] handlers;
    long seed;
    int partitions = 4;

    LabConfiguration(long seed, Object... handlers) {
        this.seed = seed;
        this.handlers = handlers.clone();
    }

    void apply(Sync.Builder builder) {
        builder.handlers(handlers).settings(settings);
        further.forEach(one -> one.accept(builder));
    }
}

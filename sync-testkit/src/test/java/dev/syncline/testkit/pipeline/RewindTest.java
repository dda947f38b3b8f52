package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command by which a person has events shipped again. */
class RewindTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final InMemoryBroker memory = new InMemoryBroker();
    private final Queue<Integer> applied = new ConcurrentLinkedQueue<>();

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, int number) {}

    @Test
    void s26_handlersDropWhatTheyHave() {
        memory.createTopic("catalog.product", 2);
        var began = Instant.now();
        try (var sync = start()) {
            for (int i = 0; i < 50; i++) {
                sync.publisher().publish(new Product("p" + i % 5, i));
            }
            sync.awaitQuiet(PATIENCE);

            var rewound = sync.rewind("default", began);
            sync.awaitQuiet(PATIENCE);

            assertThat(rewound.events()).isEqualTo(50);
            assertThat(rewound.isComplete()).isTrue();
            assertThat(rewound.since())
                    .hasValueSatisfying(
                            since -> assertThat(since).isAfterOrEqualTo(Instant.ofEpochMilli(began.toEpochMilli())));
            assertThat(applied).hasSize(50).doesNotHaveDuplicates();
            assertThat(sync.health().handlers().get("shop").duplicates()).isEqualTo(50);
        }
    }

    @Test
    void whatCannotBeRewoundIsRefused() {
        memory.createTopic("catalog.product", 1);
        Sync closed;
        try (var sync = start()) {
            closed = sync;
            assertThatThrownBy(() -> sync.rewind("defualt", Instant.EPOCH))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"defualt\"")
                    .hasMessageContaining("[default, here]");
            assertThatThrownBy(() -> sync.rewind("here", Instant.EPOCH))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("local");
            assertThatThrownBy(() -> sync.rewind("default", Instant.now().plusSeconds(60)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("future");
        }
        assertThatThrownBy(() -> closed.rewind("default", Instant.EPOCH)).isInstanceOf(IllegalStateException.class);
    }

    private Sync start() {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker(memory, "memory:")
                .broker("here", "local:", Map.of())
                .handler("shop", Product.class, (event, delivery) -> {
                    applied.add(event.payload().number());
                    return Outcome.done();
                })
                .start();
    }
}

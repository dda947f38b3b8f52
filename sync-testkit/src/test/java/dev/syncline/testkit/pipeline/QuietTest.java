package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who waits for quiet builds on it: what was published before is done then. */
class QuietTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final InMemoryBroker server = new InMemoryBroker();
    private final AtomicInteger handled = new AtomicInteger();

    @EventType(value = "quiet.light.lit", kind = EventType.Kind.DELTA)
    record Lit(@EventKey String room) {}

    private Sync.Builder builder() {
        return Sync.builder("quiet").dataDirectory(directory).handler("count", Lit.class, (event, delivery) -> {
            handled.incrementAndGet();
            return Outcome.done();
        });
    }

    @Test
    void itIsNotQuietWhileAConsumerHasNotHeardOfWhatIsShipped() throws Exception {
        server.createTopic("quiet.light", 2);
        var broker = new LateNewsBroker(server);
        try (var sync = builder().broker(broker, "memory:").start()) {
            sync.publisher().publish(new Lit("hall"));
            sync.awaitQuiet(PATIENCE);
            broker.holdNews();

            sync.publisher().publish(new Lit("hall"));
            await().until(() -> sync.health().outbox().unshipped() == 0);

            assertThatThrownBy(() -> sync.awaitQuiet(Duration.ofSeconds(2)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("handler count has 0 events in flight");
            broker.letNewsThrough();
            sync.awaitQuiet(PATIENCE);
            assertThat(handled).hasValue(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory:", "local:"})
    void onceItIsQuietAllThatWasPublishedBeforeIsHandled(String uri) {
        server.createTopic("quiet.light", 2);
        var builder = uri.equals("local:") ? builder().broker(uri) : builder().broker(server, uri);
        try (var sync = builder.start()) {
            for (int published = 1; published <= 300; published++) {
                sync.publisher().publish(new Lit("room " + published % 5));

                sync.awaitQuiet(PATIENCE);

                assertThat(handled).hasValue(published);
            }
        }
    }
}

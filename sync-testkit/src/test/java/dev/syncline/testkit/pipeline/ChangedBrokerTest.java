package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that was {@code local:} and is another one from some start on. */
class ChangedBrokerTest {

    @TempDir
    Path directory;

    private final InMemoryBroker memory = new InMemoryBroker();
    private final Collection<String> handled = new ConcurrentLinkedQueue<>();

    @EventType(value = "order.placed", kind = EventType.Kind.DELTA)
    record Placed(@EventKey String order) {}

    @SyncHandler("warehouse")
    final class Warehouse {
        @OnEvent("order.placed")
        void on(Placed placed) {
            handled.add(placed.order());
        }
    }

    ChangedBrokerTest() {
        memory.createTopic("order", 2);
    }

    private Sync.Builder on(String uri) {
        var builder = Sync.builder("test")
                .dataDirectory(directory)
                .settings(Map.of("close-deadline", "0s"))
                .handlers(new Warehouse());
        return uri.equals("local:") ? builder.broker(uri) : builder.broker(memory, uri);
    }

    @Test
    void s1_eventsThatLocalHandlersHaveNotDoneAreNotLeftBehindUnseen() {
        try (var sync = on("local:").start()) {
            sync.pause("warehouse");
            sync.publisher().publish(new Placed("a"));
            sync.publisher().publish(new Placed("b"));
        }

        assertThatThrownBy(() -> on("memory:").start())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("\"default\" was local:")
                .hasMessageContaining("{test.warehouse=2}")
                .hasMessageContaining("awaitQuiet");

        try (var sync = on("local:").start()) {
            sync.awaitQuiet(Duration.ofSeconds(20));
        }
        assertThat(handled).containsExactlyInAnyOrder("a", "b");
        try (var sync = on("memory:").start()) {
            sync.publisher().publish(new Placed("c"));
            sync.awaitQuiet(Duration.ofSeconds(20));
        }
        assertThat(handled).containsExactlyInAnyOrder("a", "b", "c");
    }
}

package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.Event;
import dev.syncline.api.OutboxFullException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedTest {

    private static final int EVENTS = 300;
    private static final ChangeGenerator CHANGES = new ChangeGenerator(42);

    @TempDir
    Path directory;

    private final RecordingPublisher publisher = new RecordingPublisher();

    /** One life of the application; the catalogue as it is at the end. */
    private Map<String, Product> feed() throws Exception {
        try (var catalog = Catalog.open(directory, CHANGES)) {
            new Feed(catalog, publisher, EVENTS, 0).run();
            return catalog.products();
        }
    }

    private static List<String> ids(long first, long last) {
        return LongStream.rangeClosed(first, last).mapToObj(n -> "change-" + n).toList();
    }

    @Test
    void everyChangeIsPublishedInOrder() throws Exception {
        var products = feed();

        assertThat(publisher.ids()).isEqualTo(ids(1, EVENTS));
        assertThat(products.values()).allMatch(product -> product.revision() <= EVENTS);
    }

    @Test
    void afterTheEndTheLastChangeAloneIsPublishedAgain() throws Exception {
        feed();
        publisher.events.clear();

        feed();

        assertThat(publisher.ids()).containsExactly("change-" + EVENTS);
    }

    @Test
    void aFullOutboxMakesItWaitAndLosesNothing() throws Exception {
        var refused = new AtomicInteger();
        publisher.before = event -> {
            if (event.id().equals("change-7") && refused.incrementAndGet() <= 2) {
                throw new OutboxFullException("no room");
            }
        };

        feed();

        assertThat(refused).hasValue(3);
        assertThat(publisher.ids()).isEqualTo(ids(1, EVENTS));
    }

    @Test
    void aFeedThatIsStoppedWhileTheOutboxIsFullSaysWhatItHasPublished() throws Exception {
        try (var catalog = Catalog.open(directory, CHANGES)) {
            var feed = new Feed(catalog, publisher, EVENTS, 0);
            publisher.before = event -> {
                if (event.id().equals("change-7")) {
                    feed.stop();
                    throw new OutboxFullException("no room");
                }
            };

            feed.run();

            assertThat(feed.published()).isEqualTo(6);
        }
        publisher.before = event -> {};
        feed();
        assertThat(publisher.ids()).isEqualTo(ids(1, EVENTS));
    }

    @Nested
    class AfterTheProcessDied {

        private void feedUntilKilled() {
            assertThatThrownBy(FeedTest.this::feed).isInstanceOf(Killed.class);
            publisher.before = event -> {};
            publisher.after = event -> {};
        }

        private static void killAt(String id, Event<?> event) {
            if (event.id().equals(id)) {
                throw new Killed();
            }
        }

        @Test
        void betweenCommitAndPublishTheChangeIsPublishedByTheNextLife() throws Exception {
            publisher.before = event -> killAt("change-100", event);
            feedUntilKilled();
            assertThat(publisher.ids()).isEqualTo(ids(1, 99));

            feed();

            assertThat(publisher.ids()).isEqualTo(ids(1, EVENTS));
        }

        @Test
        void behindPublishTheChangeIsPublishedTwiceWithTheSameId() throws Exception {
            publisher.after = event -> killAt("change-100", event);
            feedUntilKilled();
            assertThat(publisher.ids()).isEqualTo(ids(1, 100));

            feed();

            assertThat(publisher.ids().subList(100, publisher.ids().size())).isEqualTo(ids(100, EVENTS));
            assertThat(publisher.events.get(100)).isEqualTo(publisher.events.get(99));
        }

        @Test
        void theCatalogueIsTheSameAsWithoutIt(@TempDir Path undisturbed) throws Exception {
            for (var id : List.of("change-100", "change-101", "change-250")) {
                publisher.before = event -> killAt(id, event);
                feedUntilKilled();
            }
            var products = feed();

            try (var catalog = Catalog.open(undisturbed, CHANGES)) {
                new Feed(catalog, new RecordingPublisher(), EVENTS, 0).run();
                assertThat(products).isEqualTo(catalog.products());
            }
        }
    }
}

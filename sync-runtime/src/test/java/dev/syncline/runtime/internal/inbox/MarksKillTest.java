package dev.syncline.runtime.internal.inbox;

import static dev.syncline.runtime.internal.inbox.Events.foreign;
import static dev.syncline.runtime.internal.inbox.Events.own;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.log.ChildJvm;
import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process with a real outbox and real tables is killed between a document of results and the tables, at each of their
 * events in turn.
 */
class MarksKillTest {

    private static final String FLOW = "shop/default";
    private static final int LIVES = 4;
    private static final int EVENTS_A_LIFE = 5;

    @TempDir
    Path data;

    /** The stores of a handler, as an instance opens them. */
    private record Opened(DirectoryLock lock, Outbox outbox, Marks marks, EmbeddedApplied shop)
            implements AutoCloseable {

        static Opened in(Path data, Durability durability) {
            var lock = DirectoryLock.acquire(data, "test");
            var outbox = Outbox.open(
                    lock, OutboxSettings.defaults().withDurability(durability), InstantSource.system(), new NoAlarms());
            var stage = new Stage(data);
            var marks = new Marks(outbox, stage.directory);
            var shop = new EmbeddedApplied(
                    "shop", FLOW, stage.inbox(FLOW, InboxSettings.defaults()), stage.guard(), marks.open());
            marks.redo(Map.of(FLOW, shop));
            return new Opened(lock, outbox, marks, shop);
        }

        /** As a lane and its attempt do, up to the tables. */
        void document(Envelope event) {
            if (shop.ask(event, Kind.STATE) != Answer.APPLY) {
                throw new IllegalStateException("known before: " + event);
            }
            var mark = shop.marking(any -> Kind.STATE).mark(event);
            var result = new Message("results", "r", Map.of("id", event.id()), Map.of(), Bytes.utf8("{}"));
            outbox.append(List.of(new Outgoing("default", result)), List.of(mark));
        }

        @Override
        public void close() {
            outbox.close();
            lock.close();
        }
    }

    /** Applies some events, remembers how far it is, and stands between document and tables of the last one. */
    public static final class Handler {

        public static void main(String[] args) throws InterruptedException {
            var opened = Opened.in(Path.of(args[0]), Durability.valueOf(args[1]));
            long first = Long.parseLong(args[2]);
            for (long n = first; n < first + EVENTS_A_LIFE - 1; n++) {
                var event = event(n);
                opened.document(event);
                opened.shop.done(event, Kind.STATE);
                opened.marks.save();
            }
            opened.document(event(first + EVENTS_A_LIFE - 1));
            opened.marks.save();
            System.out.write("between\n".getBytes(StandardCharsets.US_ASCII), 0, 8);
            System.out.flush();
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    private static Envelope event(long n) {
        return (n % 2 == 0 ? own(n) : foreign("f" + n)).key("k" + n % 3).arrives();
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void s6_killedBetweenDocumentAndTablesNothingIsAppliedAgain(Durability durability) throws Exception {
        for (int life = 0; life < LIVES; life++) {
            long first = 1 + (long) EVENTS_A_LIFE * life;
            try (var child = ChildJvm.start(List.of(), Handler.class, data, durability, first)) {
                child.lineWith("between");
                child.kill();
            }
            try (var opened = Opened.in(data, durability)) {
                for (long n = 1; n < first + EVENTS_A_LIFE; n++) {
                    assertThat(opened.shop.ask(event(n), Kind.STATE))
                            .as("event %s after life %s", n, life)
                            .isEqualTo(Answer.DUPLICATE);
                }
                long next = first + EVENTS_A_LIFE;
                assertThat(opened.shop.ask(event(next), Kind.STATE)).isEqualTo(Answer.APPLY);
            }
        }
    }

    private static final class NoAlarms implements OutboxAlarms {

        @Override
        public void onDamaged(long index, String why) {
            throw new AssertionError(why);
        }

        @Override
        public void onGap(long expectedN, long foundN, long index) {}
    }
}

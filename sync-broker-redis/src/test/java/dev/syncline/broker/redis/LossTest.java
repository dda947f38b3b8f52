package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.syncline.api.BrokerException;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.Sent;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What Redis has lost, or somebody deleted, is found and said, and nothing is skipped. S18, S26, input 59. */
class LossTest {

    @RealRedis(exclusive = true)
    static RedisServer redis;

    private Rig rig;

    @BeforeEach
    void open() {
        rig = Rig.with(redis, 1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Nested
    class Everything {

        /** The consumer was there before, and stops. */
        @Test
        void s18_flushedServerStopsAConsumer() {
            rig.send("old", 3);
            var reader = rig.reader();
            reader.take(3);
            reader.acknowledge(reader.last());
            redis.command("FLUSHALL");

            assertThat(reader.refusal()).hasMessageContaining(rig.topic).hasMessageContaining("does not exist");
            assertThat(reader.lost).containsExactly(rig.partition(0));
            // somebody, or something, makes the topic anew: that does not make it the old one
            rig.createTopic(rig.topic, 1);
            rig.send("new", 3);
            var missing = untilMissing(reader);
            assertThat(missing).hasMessageContaining(rig.stream()).hasMessageContaining("made anew");
            assertThat(reader.received).hasSize(3);

            reader.consumer.seekTo(rig.partition(0), Start.EARLIEST);

            assertThat(reader.take(6).subList(3, 6)).containsExactly("new#0", "new#1", "new#2");
            reader.acknowledge(reader.last());
            reader.close();
            rig.send("more", 1);
            assertThat(rig.reader().take(1)).containsExactly("more#0");
        }

        /** Started again by its supervisor, the application must not go on as if nothing were. */
        @Test
        void s18_whatOneConsumerFoundMissingStopsTheNextOne() {
            rig.send("old", 3);
            var reader = rig.reader();
            reader.take(3);
            redis.command("FLUSHALL");
            rig.createTopic(rig.topic, 1);
            rig.send("new", 3);
            untilMissing(reader);
            reader.close();

            var next = rig.reader();

            assertThat(next.refusal()).hasMessageContaining("made anew");
            assertThat(next.received).isEmpty();
            next.consumer.seekTo(rig.partition(0), Start.EARLIEST);
            next.take(3);
            next.acknowledge(next.last());
            next.close();
            assertThat(rig.state("gap")).isEmpty();
        }

        /** The relay hears of it, and ships again what it kept. */
        @Test
        void s26_producerIsToldThatTheTopicWasMadeAnew() {
            var producer = rig.client().producer();
            Rig.results(producer, rig.messages("old", 3));
            redis.command("FLUSHALL");
            rig.createTopic(rig.topic, 1);

            var result = Rig.results(producer, rig.messages("next", 1)).get(0);

            assertThat(result).isInstanceOfSatisfying(Failed.class, failed -> {
                assertThat(failed.reason().isRetryable()).isTrue();
                assertThat(failed.reason().isDataLost()).isTrue();
                assertThat(failed.reason())
                        .hasMessageContaining(rig.topic)
                        .hasMessageContaining("made anew")
                        .hasMessageContaining("rewind");
            });
            assertThat(Rig.results(rig.client().producer(), rig.messages("next", 1))
                            .get(0))
                    .isInstanceOf(Sent.class);
        }

        /** As after a server that died: the connection is another one, and nothing new may come in first. */
        @Test
        void s26_aProducerMadeAfterwardsIsToldForEachOfItsPartitions() {
            var client = rig.client();
            var wide = rig.topic + "-wide";
            rig.createTopic(wide, 4);
            Rig.results(client.producer(), overKeys(wide));
            redis.command("FLUSHALL");
            rig.createTopic(wide, 4);

            var producer = client.producer();

            var first = Rig.results(producer, overKeys(wide).subList(0, 1));
            var others = Rig.results(producer, overKeys(wide));

            boolean isLossTold = ((Failed) first.get(0)).reason().isDataLost();
            assertThat(isLossTold).isTrue();
            assertThat(others).as("into any partition").noneMatch(Sent.class::isInstance);
            assertThat(Rig.results(client.producer(), overKeys(wide))).allMatch(Sent.class::isInstance);
        }

        /**
         * An old copy of the data: all is there and fits together, only it is older than what we saw. The lease in it may
         * still be ours, or another's.
         */
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void s18_serverThatWasSetBackStopsAConsumer(boolean leaseIsOurs) throws IOException {
            rig.send("kept", 3);
            var reader = rig.reader(rig.client("lease.time", "1m"));
            reader.take(3);
            reader.acknowledge(reader.last());
            var copy = copyOfData();
            rig.send("forgotten", 3);
            reader.take(6);
            reader.acknowledge(reader.last());
            redis.kill();
            restore(copy);
            redis.restart();
            if (!leaseIsOurs) {
                rig.command("HSET", Keys.group(rig.partition(0), rig.group), "owner", "another", "until", "0");
            }

            var missing = untilMissing(reader);

            assertThat(missing).hasMessageContaining(rig.stream()).hasMessageContaining("was there before");
            assertThat(reader.lost).hasSize(leaseIsOurs ? 0 : 1);
            reader.consumer.seekTo(rig.partition(0), Start.LATEST);
            rig.send("after", 2);
            assertThat(reader.take(8).subList(6, 8)).containsExactly("after#0", "after#1");
            reader.acknowledge(reader.last());
        }
    }

    @Nested
    class AStream {

        @Test
        void s18_deletedStreamStopsItsConsumer() {
            rig.send("k", 3);
            var reader = rig.reader();
            reader.take(3);
            reader.acknowledge(reader.last());

            rig.command("DEL", rig.stream());

            assertThat(untilMissing(reader)).hasMessageContaining(rig.stream());
            reader.close();
            assertThat(rig.reader().refusal()).hasMessageContaining(rig.stream());
        }

        @Test
        void s18_deletedStreamThatFilledAgainStopsItsConsumer() {
            rig.send("k", 3);
            var reader = rig.reader();
            reader.take(3);
            reader.acknowledge(reader.last());
            reader.close();
            rig.command("DEL", rig.stream());
            rig.command("XADD", rig.stream(), "*", "ce_id", "of a foreign program");

            var next = rig.reader();

            assertThat(next.refusal()).hasMessageContaining(rig.stream());
            assertThat(next.received).isEmpty();
            next.consumer.seekTo(rig.partition(0), Start.EARLIEST);
            assertThat(next.take(1)).containsExactly("of a foreign program");
            next.acknowledge(next.last());
            rig.command("XADD", rig.stream(), "*", "ce_id", "and another");
            assertThat(next.take(2)).contains("and another");
        }

        @Test
        void s26_producerIsToldOnceThatTheStreamIsGone() {
            var producer = rig.client().producer();
            Rig.results(producer, rig.messages("old", 3));
            rig.command("DEL", rig.stream());

            var results = Rig.results(producer, rig.messages("next", 2));

            assertThat(results.get(0)).isInstanceOfSatisfying(Failed.class, failed -> {
                assertThat(failed.reason().isRetryable()).isTrue();
                assertThat(failed.reason()).hasMessageContaining(rig.stream()).hasMessageContaining("rewind");
            });
            assertThat(Rig.results(rig.client().producer(), rig.messages("next", 2)))
                    .allMatch(result -> result instanceof Sent);
        }

        /** A producer in another language that trims as it goes, over what nobody has read. */
        @Test
        void s18_entriesTrimmedUnreadStopTheConsumer() {
            rig.send("k", 3);
            var reader = rig.reader();
            reader.take(3);
            reader.acknowledge(reader.last());
            reader.close();
            rig.send("unread", 5);

            rig.command("XTRIM", rig.stream(), "MAXLEN", "2");

            var next = rig.reader();
            assertThat(next.refusal()).hasMessageContaining(rig.stream()).hasMessageContaining("read last, is gone");
            assertThat(next.received).isEmpty();
            next.consumer.seekTo(rig.partition(0), Start.EARLIEST);
            assertThat(next.take(2)).containsExactly("unread#3", "unread#4");
        }

        @Test
        void s18_entriesTrimmedUnreadUnderAConsumerStopIt() {
            rig.send("k", 3);
            var reader = rig.reader();
            reader.take(3);
            reader.consumer.pause(Set.of(rig.partition(0)));
            rig.send("unread", 5);
            rig.command("XTRIM", rig.stream(), "MAXLEN", "2");

            reader.consumer.resume(Set.of(rig.partition(0)));

            assertThat(untilMissing(reader)).hasMessageContaining(rig.stream());
            assertThat(reader.received).hasSize(3);
        }
    }

    @Nested
    class AnEntry {

        /** Input 59: pending, and deleted by hand. */
        @Test
        void ghostIsAcknowledgedWithAnAlarm() {
            var positions = rig.send("k", 4);
            var first = rig.reader();
            first.take(4);
            first.acknowledge(first.received.get(0));
            first.close();
            rig.command("XDEL", rig.stream(), positions.get(2).toString());
            var log = logOf(Reading.class);

            var second = rig.reader();

            assertThat(second.take(2)).containsExactly("k#1", "k#3");
            assertThat(log.list)
                    .anySatisfy(line -> assertThat(line.getFormattedMessage())
                            .startsWith("lost.before.ack: 1 ")
                            .contains(rig.stream(), rig.group, positions.get(2).toString()));
            assertThat(rig.pending()).isEqualTo(2);
            second.acknowledge(second.last());
            assertThat(rig.pending()).isZero();
        }

        @Test
        void entryDeletedUnreadIsNotMissed() {
            rig.send("k", 2);
            var reader = rig.reader();
            reader.take(2);
            reader.close();
            var positions = rig.send("more", 3);
            rig.command("XDEL", rig.stream(), positions.get(1).toString());

            assertThat(rig.reader().take(4)).containsExactly("k#0", "k#1", "more#0", "more#2");
        }
    }

    @Nested
    class TheGroup {

        /** Input 59: from where it stood, not from the end. */
        @Test
        void destroyedGroupIsMadeAnewWhereItStood() {
            rig.send("k", 6);
            var first = rig.reader();
            first.take(6);
            first.acknowledge(first.received.get(1));
            first.close();
            rig.command("XGROUP", "DESTROY", rig.stream(), rig.group);

            var second = rig.reader();

            assertThat(second.take(4)).containsExactly("k#2", "k#3", "k#4", "k#5");
        }

        /** Under a consumer at work: nothing comes twice to it, and nothing is left out. */
        @Test
        void groupDestroyedUnderAConsumerIsMadeAnew() {
            rig.send("k", 4);
            var reader = rig.reader();
            reader.take(4);
            reader.acknowledge(reader.received.get(1));

            rig.command("XGROUP", "DESTROY", rig.stream(), rig.group);
            rig.send("more", 2);

            assertThat(reader.take(6)).containsExactly("k#0", "k#1", "k#2", "k#3", "more#0", "more#1");
            reader.acknowledge(reader.last());
            assertThat(rig.pending()).isZero();
            reader.close();
            rig.send("last", 1);
            assertThat(rig.reader().take(1)).containsExactly("last#0");
        }

        /** A group that began at the newest entry and acknowledged nothing begins there again. */
        @Test
        void destroyedGroupThatBeganAtTheLatestKeepsWhereItBegan() {
            rig.send("before", 3);
            var first = rig.reader(rig.client(), Start.LATEST, rig.topic).untilOwning(1);
            rig.send("after", 2);
            first.take(2);
            first.close();
            rig.command("XGROUP", "DESTROY", rig.stream(), rig.group);

            assertThat(rig.reader(rig.client(), Start.LATEST, rig.topic).take(2))
                    .containsExactly("after#0", "after#1");
        }

        /** What somebody cleans away takes pending entries with it, but not what they stand for. */
        @Test
        void entriesWhoseConsumerWasDeletedAreReadAgain() {
            rig.send("k", 4);
            var first = rig.reader();
            first.take(4);
            first.acknowledge(first.received.get(0));
            first.close();
            rig.command("XGROUP", "DELCONSUMER", rig.stream(), rig.group, Keys.CONSUMER);
            rig.send("more", 1);

            var second = rig.reader();

            assertThat(second.take(4)).containsExactly("k#1", "k#2", "k#3", "more#0");
            second.acknowledge(second.last());
            second.close();
            rig.send("last", 1);
            assertThat(rig.reader().take(1)).containsExactly("last#0");
        }

        /** Somebody else's work under the same name is not ours to skip, nor to do. */
        @Test
        void groupThatAnotherProgramUsesIsRefused() {
            rig.send("k", 2);
            rig.command("XGROUP", "CREATE", rig.stream(), rig.group, "0");
            rig.command("XREADGROUP", "GROUP", rig.group, "worker-7", "COUNT", "1", "STREAMS", rig.stream(), ">");

            var refusal = rig.reader().refusal();

            assertThat(refusal).hasMessageContaining(rig.group).hasMessageContaining("worker-7");
        }
    }

    private static List<Message> overKeys(String topic) {
        return IntStream.range(0, 16)
                .mapToObj(i -> Rig.message(topic, "k" + i, "k" + i))
                .toList();
    }

    /** The refusal about missing data, after those about whatever else was wrong meanwhile. */
    private static BrokerException untilMissing(Reader reader) {
        for (int i = 0; i < 1000; i++) {
            var refusal = reader.refusal();
            if (refusal.getMessage().contains("data is missing")) {
                return refusal;
            }
        }
        throw new AssertionError("no refusal says that data is missing; " + reader);
    }

    private static ListAppender<ILoggingEvent> logOf(Class<?> source) {
        var appender = new ListAppender<ILoggingEvent>();
        appender.start();
        var logger = (Logger) LoggerFactory.getLogger(source);
        logger.setLevel(Level.WARN);
        logger.setAdditive(false);
        logger.addAppender(appender);
        return appender;
    }

    /** The append-only file, of Redis 6 or 7. */
    private static Path copyOfData() throws IOException {
        var copy = Files.createTempDirectory("redis-copy");
        for (var file : dataFiles()) {
            var target = copy.resolve(redis.directory().relativize(file));
            Files.createDirectories(target.getParent());
            Files.copy(file, target);
        }
        return copy;
    }

    private static void restore(Path copy) throws IOException {
        for (var file : dataFiles()) {
            Files.delete(file);
        }
        try (var files = Files.walk(copy)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, redis.directory().resolve(copy.relativize(file)));
            }
        }
    }

    private static List<Path> dataFiles() throws IOException {
        try (var files = Files.walk(redis.directory())) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("appendonly"))
                    .toList();
        }
    }
}

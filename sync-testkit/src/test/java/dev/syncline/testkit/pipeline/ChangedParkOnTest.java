package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import dev.syncline.testkit.InMemoryState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events are parked in one place, and the next start is told to keep them in another one. */
class ChangedParkOnTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final InMemoryBroker broker = new InMemoryBroker();
    private final InMemoryState place = new InMemoryState();
    private final Collection<String> handled = new ConcurrentLinkedQueue<>();
    private volatile boolean isBroken = true;

    @EventType(value = "order.placed", kind = EventType.Kind.DELTA)
    record Placed(@EventKey String order, int number) {}

    @SyncHandler("shop")
    final class Shop {
        @OnEvent("order.placed")
        void on(Placed placed) {
            handle("shop", placed);
        }
    }

    @SyncHandler("billing")
    final class Billing {
        @OnEvent("order.placed")
        void on(Placed placed) {
            handle("billing", placed);
        }
    }

    private void handle(String handler, Placed placed) {
        if (isBroken) {
            throw new IllegalStateException("broken");
        }
        handled.add(handler + " " + placed.order() + placed.number());
    }

    ChangedParkOnTest() {
        broker.createTopic("order", 1);
    }

    private Sync.Builder application(Path data) {
        return Sync.builder("test")
                .broker(broker, "memory:")
                .dataDirectory(data)
                .settings(Map.of("defaults.retry", "none", "defaults.retry-later", "none", "defaults.breaker", "off"))
                .handlers(new Shop(), new Billing());
    }

    /** @param uri null for the data directory */
    private Sync start(@Nullable String uri) {
        return start(uri, directory.resolve("data"));
    }

    private Sync start(@Nullable String uri, Path data) {
        var application = application(data);
        return (uri == null ? application : application.parkOn(place, uri)).start();
    }

    /** A dead letter of each handler, an event waiting behind it. */
    private void park(Sync sync) {
        publish(sync, 1, 2);
        await().atMost(PATIENCE)
                .until(() -> letters(sync).stream()
                                .filter(letter -> letter.lettersBehind() == 1)
                                .count()
                        == 2);
    }

    private static void publish(Sync sync, int... numbers) {
        for (int number : numbers) {
            sync.publisher().publish(new Placed("a", number));
        }
    }

    private static List<DeadLetter> letters(Sync sync) {
        return sync.deadLetters().list(Selection.all(), null, 10);
    }

    private void redriveAll(Sync sync) throws Exception {
        isBroken = false;
        await().atMost(PATIENCE).until(() -> letters(sync).size() == 2);
        for (var letter : letters(sync)) {
            sync.deadLetters().redrive(letter).toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
    }

    private void awaitHandledInOrder(int last) {
        await().atMost(PATIENCE).until(() -> handled.size() == 2 * last);
        for (var handler : List.of("shop", "billing")) {
            var order = handled.stream().filter(one -> one.startsWith(handler)).toList();
            for (int i = 0; i < last; i++) {
                assertThat(order.get(i)).isEqualTo(handler + " a" + (i + 1));
            }
        }
    }

    private List<String> refusal(@Nullable String uri) {
        var refused = new Object() {
            List<String> problems = List.of();
        };
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> start(uri).close())
                .satisfies(exception -> refused.problems = exception.problems());
        return refused.problems;
    }

    @Test
    void s12_aPlaceThatIsTakenAwayWhileEventsAreParkedThereFailsTheStartWithAllOfThem() throws Exception {
        try (var sync = start("memory:east")) {
            park(sync);
        }

        assertThat(refusal(null))
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem)
                        .contains("are parked on memory:east")
                        .contains("in the data directory from now on")
                        .contains("parkOn(\"memory:east\")")
                        .contains("redrive, skip or drop"))
                .anySatisfy(problem -> assertThat(problem).contains("handler \"shop\""))
                .anySatisfy(problem -> assertThat(problem).contains("handler \"billing\""));

        try (var sync = start("memory:east")) {
            redriveAll(sync);
            awaitHandledInOrder(2);
        }
        try (var sync = start(null)) {
            publish(sync, 3);
            awaitHandledInOrder(3);
        }
    }

    @Test
    void s12_aPlaceThatIsChangedWhileEventsAreParkedThereFailsTheStart() throws Exception {
        try (var sync = start("memory:east")) {
            park(sync);
        }

        assertThat(refusal("memory:west"))
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem)
                        .contains("are parked on memory:east")
                        .contains("on memory:west from now on"));

        try (var sync = start("memory:east")) {
            redriveAll(sync);
            awaitHandledInOrder(2);
        }
        start("memory:west").close();
    }

    @Test
    void s12_aPlaceThatIsGivenWhileEventsAreParkedOnTheDiskFailsTheStartWithAllOfThem() throws Exception {
        try (var sync = start(null)) {
            park(sync);
        }

        assertThat(refusal("memory:east"))
                .hasSize(2)
                .allSatisfy(problem ->
                        assertThat(problem).contains("in the data directory").contains("on memory:east from now on"))
                .anySatisfy(problem -> assertThat(problem).contains("handlers.shop.park-on=disk"))
                .anySatisfy(problem -> assertThat(problem).contains("handlers.billing.park-on=disk"));

        try (var sync = start(null)) {
            redriveAll(sync);
            awaitHandledInOrder(2);
        }
        start("memory:east").close();
    }

    @Test
    void s12_aProcessThatDiedWithEventsParkedElsewhereHasSaidSoBefore() throws Exception {
        var crashed = directory.resolve("crashed");
        try (var sync = start("memory:east")) {
            park(sync);
            copy(directory.resolve("data"), crashed);
            redriveAll(sync);
            awaitHandledInOrder(2);
        }

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> start(null, crashed).close())
                .withMessageContaining("are parked on memory:east");
    }

    @Test
    void whoGivesUpWhatIsParkedThereDeletesTheFileThatTheMessageNames() throws Exception {
        try (var sync = start("memory:east")) {
            park(sync);
        }
        for (var problem : refusal(null)) {
            Files.delete(Path.of(problem.substring(problem.lastIndexOf("delete ") + "delete ".length())));
        }
        isBroken = false;
        try (var sync = start(null)) {
            publish(sync, 3);
            await().atMost(PATIENCE).until(() -> handled.size() == 2);
        }
        assertThat(handled).containsExactlyInAnyOrder("shop a3", "billing a3");
    }

    @Test
    void whatIsForgottenThereIsNotAskedAbout() throws Exception {
        try (var sync = start("memory:east")) {
            park(sync);
        }
        var nobody = Sync.builder("test").broker(broker, "memory:").dataDirectory(directory.resolve("data"));
        try (var sync = nobody.parkOn(place, "memory:east").start()) {
            sync.forgetHandler("shop");
            sync.forgetHandler("billing");
        }
        isBroken = false;
        start(null).close();
    }

    @Test
    void aPlaceWhereNothingWasParkedMayBeTakenAway() {
        isBroken = false;
        try (var sync = start("memory:east")) {
            publish(sync, 1);
            awaitHandledInOrder(1);
        }
        start(null).close();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}

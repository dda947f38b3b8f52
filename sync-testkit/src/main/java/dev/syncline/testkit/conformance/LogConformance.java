package dev.syncline.testkit.conformance;

import static dev.syncline.testkit.conformance.LogBehaviours.PATIENCE;
import static dev.syncline.testkit.conformance.LogBehaviours.append;
import static dev.syncline.testkit.conformance.LogBehaviours.entries;
import static dev.syncline.testkit.conformance.LogBehaviours.get;
import static dev.syncline.testkit.conformance.LogBehaviours.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.spi.LogStore;
import dev.syncline.spi.LogStore.LogScope;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.StateFencedException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What every store of logs does, in which parked events are kept. A store runs it by extending this class; nothing in it
 * may be skipped.
 *
 * <p>Each test has logs that no other test uses, so a store may hold what others left.
 */
public abstract class LogConformance {

    private final String application = "app-" + UUID.randomUUID().toString().substring(0, 13);
    private final LogScope orders = new LogScope(application, "orders", "default");
    private final LogScope other = new LogScope(application, "orders", "other");
    private final LogScope invoices = new LogScope(application, "invoices", "default");
    private LogStore store;

    /** Makes the suite; JUnit does. */
    protected LogConformance() {}

    /**
     * The store, which is there, answers, and makes what is missing. Closed by the suite.
     *
     * @param application whose logs it keeps
     */
    protected abstract LogStore open(String application);

    @BeforeEach
    void openStore() {
        store = open(application);
    }

    @AfterEach
    void closeStore() {
        List.of(orders, other, invoices).forEach(log -> store.forgetLog(log, PATIENCE));
        store.close();
    }

    private OwnedLog take(LogScope log) {
        return get(store.takeLog(log, "me"));
    }

    @Nested
    class OfALog extends LogBehaviours {
        OfALog() {
            super(() -> take(orders));
        }
    }

    @Test
    void aStoreThatAnswersPassesItsOwnCheckAndPassesItAgain() {
        store.check(List.of(orders, invoices), PATIENCE);
        append(take(orders), entries(1, 2));

        store.check(List.of(orders, invoices), PATIENCE);
    }

    @Test
    void eachHandlerAndBrokerHasItsOwn() {
        append(take(orders), entries(1, 2));
        append(take(other), entries(1, 3));

        assertThat(read(take(invoices), 0, 10)).isEmpty();
        assertThat(read(take(other), 0, 10)).containsExactlyElementsOf(entries(1, 3));
        assertThat(read(take(orders), 0, 10)).containsExactlyElementsOf(entries(1, 2));
    }

    @Test
    void s13_ownersOfOtherLogsGoOn() {
        var owner = take(orders);
        take(other);
        take(invoices);

        append(owner, entries(1, 1));
    }

    @Test
    void s11_anotherInstanceFindsWhatOneHasAppended() {
        append(take(orders), entries(1, 2));
        try (var second = open(application)) {
            var next = get(second.takeLog(orders, "another"));

            assertThat(read(next, 0, 10)).containsExactlyElementsOf(entries(1, 2));
        }
    }

    @Test
    void s13_anotherInstanceTakesItAndTheFirstChangesNothingAnyMore() {
        var zombie = take(orders);
        append(zombie, entries(1, 2));
        try (var second = open(application)) {
            var owner = get(second.takeLog(orders, "another"));
            append(owner, entries(3, 3));

            for (int attempt = 0; attempt < 3; attempt++) {
                assertThatThrownBy(() -> append(zombie, entries(4, 4))).isInstanceOf(StateFencedException.class);
                assertThatThrownBy(() -> get(zombie.dropLog(3))).isInstanceOf(StateFencedException.class);
            }
            append(owner, entries(4, 5));
            assertThat(read(owner, 0, 10)).containsExactlyElementsOf(entries(1, 5));
        }
        assertThat(read(take(orders), 0, 10)).containsExactlyElementsOf(entries(1, 5));
    }

    @Test
    void aLogIsForgottenWithAllItHas() {
        append(take(orders), entries(1, 2));
        append(take(invoices), entries(1, 2));

        store.forgetLog(orders, PATIENCE);

        var anew = take(orders);
        assertThat(get(anew.readLog(0, 10)).entries()).isEmpty();
        assertThat(get(anew.readLog(0, 10)).newest()).isZero();
        append(anew, entries(1, 1));
        assertThat(read(anew, 0, 10)).containsExactlyElementsOf(entries(1, 1));
        assertThat(read(take(invoices), 0, 10)).containsExactlyElementsOf(entries(1, 2));
        store.forgetLog(new LogScope(application, "never-was", "default"), PATIENCE);
    }
}

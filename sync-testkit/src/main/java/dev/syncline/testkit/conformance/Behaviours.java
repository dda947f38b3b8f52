package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.testkit.conformance.BrokerFixture.Hook;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Behaviours of one situation; {@link BrokerConformance} nests each subclass. Tests share the server, unless a situation
 * needs it for itself.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = Behaviours.SERVER, mode = ResourceAccessMode.READ)
abstract class Behaviours {

    /** Name of the lock that a test holds alone while it kills the server, or counts threads. */
    static final String SERVER = "dev.syncline.testkit.conformance.server";

    private final Supplier<BrokerFixture> open;

    /** What the running test works on. */
    Bench bench;

    private TestReporter reporter;

    @SuppressWarnings("NullAway.Init") // set before each test
    Behaviours(Supplier<BrokerFixture> open) {
        this.open = open;
    }

    @BeforeEach
    void open(TestInfo test, TestReporter reporter) {
        this.reporter = reporter;
        bench = new Bench(open.get(), test.getTestMethod().orElseThrow().getName());
    }

    @AfterEach
    void close() {
        if (bench != null) { // null if the fixture could not be opened
            bench.close();
        }
    }

    /**
     * Whether the fixture can do what the test needs. If it cannot, its reason is reported, and the call is made once
     * to see that it refuses.
     */
    boolean can(Hook hook, ThrowingCallable call) {
        var reason = bench.fixture.missing().get(hook);
        if (reason == null) {
            return true;
        }
        reporter.publishEntry(hook.name(), reason);
        assertThat(reason).as("why the fixture lacks %s", hook).isNotBlank();
        assertThatThrownBy(call).isInstanceOf(UnsupportedOperationException.class);
        return false;
    }
}

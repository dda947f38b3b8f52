package dev.syncline.testkit.conformance;

import org.junit.jupiter.api.Nested;

/**
 * The behaviours that every broker adapter shows, as tests. An adapter runs them by extending this class:
 *
 * <pre>{@code
 * class AcmeConformanceTest extends BrokerConformance {
 *
 *     @RegisterExtension
 *     static final AcmeServer server = new AcmeServer();      // one server for all tests
 *
 *     @Override
 *     protected BrokerFixture open() {
 *         return new AcmeFixture(server);                      // clients, topics, and a hand on the server
 *     }
 * }
 * }</pre>
 *
 * <p>No test can be skipped. Where brokers may differ the SPI declares how ({@link dev.syncline.spi.Capabilities}), and
 * the test takes the other branch: it asserts the refusal that is documented for a missing capability. What a fixture
 * cannot do to its server it says, with the reason, in {@link BrokerFixture#missing()}.
 *
 * <p>Every test has topics, groups and clients of its own; their names begin with the name of the test, so that one
 * word finds its whole story in the logs of client and server. Names of tests begin with the number of the promise
 * where there is one (S… and L…, {@code docs/guarantees.md}).
 *
 * <p>Most of the time of a test goes into waiting, so the tests are made to run in parallel where JUnit is told to
 * ({@code junit.jupiter.execution.parallel.enabled=true}, and {@code …parallel.config.executor-service=WORKER_THREAD_POOL}
 * with a fixed parallelism of 4, say). Those that kill or pause the server then have it for themselves.
 *
 * <p>Needs {@code junit-jupiter} 6 and AssertJ, which come with the test kit, and an engine to run them: Surefire does
 * by itself.
 */
public abstract class BrokerConformance {

    /** For the adapter's test. */
    protected BrokerConformance() {}

    /**
     * Called once per test, on its thread; the suite closes it. The server is up. Called by several threads at once if
     * JUnit runs tests in parallel.
     */
    protected abstract BrokerFixture open();

    @Nested
    class RoundTrip extends RoundTripBehaviours {
        RoundTrip() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class OrderOfKeys extends OrderBehaviours {
        OrderOfKeys() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class Acknowledging extends AcknowledgingBehaviours {
        Acknowledging() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class Groups extends GroupBehaviours {
        Groups() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class SeveralConsumers extends SharingBehaviours {
        SeveralConsumers() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class AfterAConsumerDies extends DeathBehaviours {
        AfterAConsumerDies() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class FlowControl extends FlowBehaviours {
        FlowControl() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class Seeking extends SeekBehaviours {
        Seeking() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class Lag extends LagBehaviours {
        Lag() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class WakingAndClosing extends WakeupBehaviours {
        WakingAndClosing() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class Sending extends SendBehaviours {
        Sending() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class WhileTheServerIsAway extends ServerAwayBehaviours {
        WhileTheServerIsAway() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class Refusals extends RefusalBehaviours {
        Refusals() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class BadInput extends BadInputBehaviours {
        BadInput() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class UnderLoad extends LoadBehaviours {
        UnderLoad() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class Histories extends HistoryBehaviours {
        Histories() {
            super(BrokerConformance.this::open);
        }
    }

    @Nested
    class AfterClose extends LeakBehaviours {
        AfterClose() {
            super(BrokerConformance.this::open);
        }
    }
}

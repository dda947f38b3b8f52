package dev.syncline.testkit.pipeline;

import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import dev.syncline.testkit.InMemoryState;
import dev.syncline.testkit.conformance.SharedGroupConformance;
import java.util.HashSet;
import java.util.Set;

/** Several instances of one application, on broker and state in memory. */
class InMemorySharedGroupTest extends SharedGroupConformance {

    private final InMemoryBroker broker = new InMemoryBroker();
    private final InMemoryState state = new InMemoryState();
    private final Set<String> topics = new HashSet<>();

    @Override
    protected Sync.Builder onServers(Sync.Builder member, String topic) {
        if (topics.add(topic)) {
            broker.createTopic(topic, PARTITIONS);
        }
        return member.broker(broker, "memory:").state(state, "memory:");
    }

    @Override
    protected void takeStateAway() {
        state.goAway();
    }

    @Override
    protected void bringStateBack() {
        state.comeBack();
    }
}

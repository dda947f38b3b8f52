package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.local.LocalStore;
import dev.syncline.runtime.internal.outbox.Outbox;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brokers that were {@code local:} when this directory was used last, and are not any more. What their handlers had not
 * done is read by nobody now: the new broker never had it, and no relay ships what is behind it.
 */
final class FormerLocals {

    private static final Logger LOG = LoggerFactory.getLogger(FormerLocals.class);

    private FormerLocals() {}

    /** What is left behind by a broker that is another one now, a line each. */
    static List<String> problems(Blueprint blueprint, Outbox outbox) {
        List<String> problems = new ArrayList<>();
        for (var broker : LocalStore.brokers(blueprint.directory())) {
            if (blueprint.locals().containsKey(broker)) {
                continue;
            }
            var left = LocalStore.open(broker, outbox, blueprint.directory()).unfinished();
            if (left.isEmpty()) {
                continue;
            }
            if (blueprint.brokers().containsKey(broker)) {
                problems.add(
                        "broker \"" + broker + "\" was local: and is another one now, but events that were published"
                                + " to it are not done yet, by handlers' groups: " + left
                                + "; start once more with local: until Sync.awaitQuiet returns, then change it; or give these"
                                + " events up by deleting "
                                + blueprint.directory().resolve("local").resolve(broker));
            } else {
                LOG.warn(
                        "{}: there is no broker {} any more, which was local:; events that were published to it are not"
                                + " done, by groups {}, and are dropped with the outbox's retention: declare it again to"
                                + " have them handled",
                        blueprint.name(),
                        broker,
                        left);
            }
        }
        return problems;
    }
}

package dev.syncline.runtime.internal.assembly;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the stores of an instance found on the disk that should not be so: logged, and shown in health until the end. */
final class Findings {

    /** More than this are logged, not kept. */
    private static final int MOST_KEPT = 20;

    private static final Logger LOG = LoggerFactory.getLogger(Findings.class);

    private final String name;
    private final List<String> kept = new ArrayList<>();

    /** @param name of the instance */
    Findings(String name) {
        this.name = name;
    }

    synchronized void note(String finding) {
        LOG.error("{}: {}", name, finding);
        if (kept.size() < MOST_KEPT) {
            kept.add(finding);
        }
    }

    synchronized List<String> all() {
        return List.copyOf(kept);
    }
}

package dev.syncline.api;

import java.util.List;

/** Something is wrong before start: wiring, settings, options. Lists every problem at once, each with its cure. */
public final class ConfigurationException extends SyncException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /** One problem. */
    public ConfigurationException(String problem) {
        this(List.of(problem));
    }

    /** One problem, and what it was seen by. */
    public ConfigurationException(String problem, Throwable cause) {
        super(problem, cause);
        this.problems = List.of(problem);
    }

    /**
     * Several problems.
     *
     * @param problems not empty
     */
    public ConfigurationException(List<String> problems) {
        super(text(problems), null);
        this.problems = List.copyOf(problems);
    }

    /** Every problem found, in the order of the wiring; never empty. */
    public List<String> problems() {
        return problems;
    }

    private static String text(List<String> problems) {
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("a ConfigurationException names at least one problem");
        }
        if (problems.size() == 1) {
            return problems.get(0);
        }
        var text = new StringBuilder().append(problems.size()).append(" problems:");
        for (var problem : problems) {
            text.append("\n  - ").append(problem);
        }
        return text.toString();
    }
}

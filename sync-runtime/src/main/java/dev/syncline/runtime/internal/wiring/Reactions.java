package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.ContractException;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.settings.Settings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What becomes of an event whose handler throws: a row per exception, of which the nearest one up the class hierarchy
 * counts. The built-in rows stay beside those that are declared, so that who rejects on {@code Exception} does not reject
 * what only met a full disk or the end of the process.
 */
public final class Reactions {

    /** What nobody has said anything about. */
    public static final Reactions BUILT_IN = new Reactions(Map.of(
            Throwable.class, new Row(Throwable.class, Reaction.RETRY, Settings.BUILT_IN),
            ContractException.class, new Row(ContractException.class, Reaction.REJECT, Settings.BUILT_IN),
            OutboxException.class, new Row(OutboxException.class, Reaction.RETRY, Settings.BUILT_IN),
            InterruptedException.class, new Row(InterruptedException.class, Reaction.RETRY, Settings.BUILT_IN),
            Error.class, new Row(Error.class, Reaction.REJECT, Settings.BUILT_IN)));

    private final Map<Class<?>, Row> rows;

    private Reactions(Map<Class<?>, Row> rows) {
        this.rows = rows;
    }

    /** What becomes of the event. */
    public enum Reaction {
        /** Tried again by the rows of pauses, then a dead letter. */
        RETRY("retried, then a dead letter"),
        /** Tried again when the target is back. */
        HOLD("held: intake pauses, no attempt is spent"),
        /** Not tried again. */
        REJECT("a dead letter at once");

        private final String text;

        Reaction(String text) {
            this.text = text;
        }
    }

    /** With these exceptions, too; a row of the same exception is replaced. */
    Reactions with(Collection<Class<? extends Throwable>> types, Reaction reaction, String origin) {
        var more = new LinkedHashMap<>(rows);
        types.forEach(type -> more.put(type, new Row(type, reaction, origin)));
        return new Reactions(more);
    }

    /** The row that counts for an exception. */
    public Row to(Class<? extends Throwable> thrown) {
        for (Class<?> type = thrown; type != null; type = type.getSuperclass()) {
            var row = rows.get(type);
            if (row != null) {
                return row;
            }
        }
        throw new AssertionError("no row for Throwable");
    }

    /** The table, for people: what was declared first, then what is built in. */
    List<String> lines() {
        var sorted = new ArrayList<>(rows.values());
        sorted.sort(Comparator.comparing(Row::isBuiltIn)
                .thenComparing(row -> row.type == Throwable.class)
                .thenComparing(row -> row.type.getName()));
        return sorted.stream()
                .map(row -> "throws "
                        + (row.type == Throwable.class ? "anything else" : Names.of(row.type))
                        + " → " + row.reaction.text + " (" + row.origin + ")")
                .toList();
    }

    /**
     * A row.
     *
     * @param origin who said so, for people
     */
    public record Row(Class<? extends Throwable> type, Reaction reaction, String origin) {

        /** Whether nobody has said so. */
        public boolean isBuiltIn() {
            return origin.equals(Settings.BUILT_IN);
        }
    }
}

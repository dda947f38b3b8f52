package dev.syncline.testkit.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Reads every line that Syncline logs, down to DEBUG, and what libraries log beside it, while it is open: none may have a payload in it, nor a character
 * that could forge a line or reach a terminal.
 */
final class LogWatch extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    /** Begins a word that every payload of the table has in it. */
    static final String CANARY = "CANARY-";

    private static final int KEPT = 5000;

    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.syncline");
    private final @Nullable Level level = logger.getLevel();
    private final boolean isAdditive = logger.isAdditive();
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private final List<String> violations = new ArrayList<>();

    LogWatch() {
        setContext(logger.getLoggerContext());
        start();
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
        logger.addAppender(this);
        root.addAppender(this);
    }

    @Override
    protected synchronized void append(ILoggingEvent event) {
        var text = event.getFormattedMessage();
        // the start report and the frames of a thread have lines of their own, of nothing that came in
        boolean isReport = event.getLoggerName().endsWith(".SyncRuntime");
        look(event, text.replace(isReport ? "\n" : "\n    ", " "));
        int depth = 0;
        for (IThrowableProxy thrown = event.getThrowableProxy(); thrown != null && depth < 64; depth++) {
            look(event, String.valueOf(thrown.getMessage()));
            thrown = thrown.getCause();
        }
    }

    private void look(ILoggingEvent event, String text) {
        lines.add(text);
        if (lines.size() > KEPT) {
            lines.remove();
        }
        if (text.contains(CANARY) || !text.chars().allMatch(LogWatch::isHarmless)) {
            violations.add(event.getLoggerName() + " " + event.getLevel() + ": " + text);
        }
    }

    private static boolean isHarmless(int c) {
        return c >= 0x20
                && c != 0x7f
                && !(c >= 0x80 && c < 0xa0)
                && Character.getType(c) != Character.FORMAT
                && c != 0x2028
                && c != 0x2029;
    }

    /** Fails if a line was not harmless. */
    synchronized void assertHarmless() {
        assertThat(violations)
                .as("log lines with a payload or a control character")
                .isEmpty();
    }

    /** Whether a line has this in it; of the newest few thousand. */
    synchronized boolean has(String text) {
        return lines.stream().anyMatch(line -> line.contains(text));
    }

    @Override
    public void close() {
        root.detachAppender(this);
        logger.detachAppender(this);
        logger.setAdditive(isAdditive);
        logger.setLevel(level);
        stop();
    }
}

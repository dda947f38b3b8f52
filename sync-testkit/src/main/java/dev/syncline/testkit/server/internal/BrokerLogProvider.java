package dev.syncline.testkit.server.internal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Writes the broker's warnings and errors to its standard error, which the fixture captures: the binding of slf4j there.
 *
 * <p>Without any binding a broker that cannot start ends in silence. This one is declared as a service only in the jar that is
 * made for the broker's JVM, so the JVM of the test never sees it.
 */
public final class BrokerLogProvider implements SLF4JServiceProvider {

    private final Map<String, BrokerLogger> loggers = new ConcurrentHashMap<>();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    /** For the service loader of slf4j. */
    public BrokerLogProvider() {}

    @Override
    public ILoggerFactory getLoggerFactory() {
        return name -> loggers.computeIfAbsent(name, BrokerLogger::new);
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {}

    private static final class BrokerLogger extends LegacyAbstractLogger {

        private static final long serialVersionUID = 1L;

        /** Standard error, which belongs to the fixture: there is nobody else in this JVM. */
        private static final FileOutputStream OUTPUT = new FileOutputStream(FileDescriptor.err);

        BrokerLogger(String name) {
            this.name = name;
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public boolean isInfoEnabled() {
            return false;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                @Nullable String pattern,
                Object @Nullable [] arguments,
                @Nullable Throwable failure) {
            var text = new StringBuilder()
                    .append(level)
                    .append(' ')
                    .append(name)
                    .append(' ')
                    .append(MessageFormatter.basicArrayFormat(pattern, arguments == null ? new Object[0] : arguments))
                    .append(System.lineSeparator());
            for (var cause = failure; cause != null; cause = cause.getCause()) {
                text.append(cause == failure ? "" : "caused by ").append(cause).append(System.lineSeparator());
                for (var frame : cause.getStackTrace()) {
                    text.append("\tat ").append(frame).append(System.lineSeparator());
                }
            }
            write(text.toString());
        }

        /** In one piece, so that the lines of two threads stay apart. */
        private static void write(String text) {
            try {
                OUTPUT.write(text.getBytes(StandardCharsets.UTF_8));
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }
    }
}

package dev.syncline.testkit.server;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Asks JUnit Jupiter for a real Kafka: on a {@link KafkaServer} that is a parameter of a test, of a lifecycle method or of a
 * constructor, or a field.
 *
 * <pre>{@code
 * @Test
 * void ships(@RealKafka KafkaServer kafka) {
 *     kafka.createTopic("catalog.product", 4);
 *     ...
 * }
 * }</pre>
 *
 * <p>Without attributes all test classes of a run share one server, which is started when the first of them asks and ends
 * with the run. It holds what others have left: give topics and groups names of their own. A shared server cannot be killed,
 * paused or stopped. With {@link #exclusive} the test class has one for itself, together with its nested classes, and each of
 * its tests finds it running, whatever the one before did to it; the data stays from test to test.
 *
 * <p>For users, access control or TLS start one with {@link KafkaServer#builder()}.
 */
@Documented
@Target({ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RealServers.class)
public @interface RealKafka {

    /** Whether the test class gets a server for itself. */
    boolean exclusive() default false;

    /** Whether a {@link TcpProxy} stands before the server; such a server is exclusive. */
    boolean proxied() default false;

    /** Properties of the broker as {@code key=value}; servers are shared among those who ask for the same. */
    String[] config() default {};
}

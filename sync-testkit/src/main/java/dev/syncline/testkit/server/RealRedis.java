package dev.syncline.testkit.server;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Asks JUnit Jupiter for a real Redis, on a {@link RedisServer}; otherwise exactly as {@link RealKafka}.
 *
 * <p>A shared server holds what others have left: give streams and groups names of their own.
 */
@Documented
@Target({ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RealServers.class)
public @interface RealRedis {

    /** Whether the test class gets a server for itself. */
    boolean exclusive() default false;

    /** Whether a {@link TcpProxy} stands before the server; such a server is exclusive. */
    boolean proxied() default false;

    /** Directives of {@code redis.conf} as {@code key=value}; servers are shared among those who ask for the same. */
    String[] config() default {};
}

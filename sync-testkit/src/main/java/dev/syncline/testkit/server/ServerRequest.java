package dev.syncline.testkit.server;

import java.lang.reflect.AnnotatedElement;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an annotation asks for. Equal requests get the same server.
 *
 * @param type the fixture that can fulfil it
 */
record ServerRequest(Class<? extends ServerProcess> type, boolean exclusive, boolean proxied, List<String> config) {

    ServerRequest {
        config = List.copyOf(config);
    }

    /** The request that stands on a parameter or field of this type, if any; refuses one on a wrong type. */
    static Optional<ServerRequest> on(AnnotatedElement element, Class<?> elementType) {
        @Nullable RealKafka kafka = element.getAnnotation(RealKafka.class);
        @Nullable RealRedis redis = element.getAnnotation(RealRedis.class);
        if (kafka != null && redis != null) {
            throw new IllegalArgumentException(element + " has two annotations; one server needs one");
        }
        if (kafka != null) {
            return Optional.of(new ServerRequest(
                            KafkaServer.class,
                            kafka.exclusive() || kafka.proxied(),
                            kafka.proxied(),
                            List.of(kafka.config()))
                    .checked("@RealKafka", elementType));
        }
        if (redis != null) {
            return Optional.of(new ServerRequest(
                            RedisServer.class,
                            redis.exclusive() || redis.proxied(),
                            redis.proxied(),
                            List.of(redis.config()))
                    .checked("@RealRedis", elementType));
        }
        return Optional.empty();
    }

    private ServerRequest checked(String annotation, Class<?> elementType) {
        if (elementType != type) {
            throw new IllegalArgumentException(
                    annotation + " belongs on a " + type.getSimpleName() + ", not on a " + elementType.getSimpleName());
        }
        for (String entry : config) {
            if (entry.indexOf('=') < 1) {
                throw new IllegalArgumentException(annotation + " has the config \"" + entry + "\"; write key=value");
            }
        }
        return this;
    }

    /** Starts it; blocks until it answers. */
    ServerProcess start() {
        return type == KafkaServer.class ? startKafka() : startRedis();
    }

    private ServerProcess startKafka() {
        KafkaServer.Builder builder = KafkaServer.builder();
        for (String entry : config) {
            builder.config(key(entry), value(entry));
        }
        return (proxied ? builder.proxied() : builder).start();
    }

    private ServerProcess startRedis() {
        RedisServer.Builder builder = RedisServer.builder();
        for (String entry : config) {
            builder.config(key(entry), value(entry));
        }
        return (proxied ? builder.proxied() : builder).start();
    }

    private static String key(String entry) {
        return entry.substring(0, entry.indexOf('='));
    }

    private static String value(String entry) {
        return entry.substring(entry.indexOf('=') + 1);
    }
}

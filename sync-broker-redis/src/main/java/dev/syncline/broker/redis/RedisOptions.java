package dev.syncline.broker.redis;

import dev.syncline.api.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Where a Redis is and how it is to be used, checked. What each option means is said at {@link RedisBrokerProvider}.
 *
 * @param partitions empty if nothing was said: then a topic's own count holds, and {@value #DEFAULT_PARTITIONS} for one
 *     that is made
 * @param retentionTime null for unlimited
 * @param retentionEntries 0 for unlimited
 */
record RedisOptions(
        String host,
        int port,
        int database,
        @Nullable String user,
        @Nullable Secret password,
        @Nullable Tls tls,
        OptionalInt partitions,
        boolean createsTopics,
        Duration leaseTime,
        Duration pollTimeout,
        Duration connectTimeout,
        Duration commandTimeout,
        @Nullable Duration retentionTime,
        long retentionEntries) {

    static final int DEFAULT_PARTITIONS = 8;

    /** For people, without credentials. */
    String address() {
        return (tls == null ? "redis://" : "rediss://") + host + ":" + port + (database == 0 ? "" : "/" + database);
    }

    /** What is checked of the server's certificate. */
    enum Verification {
        /** Issued by a trusted authority, and for this host. */
        FULL,
        /** Issued by a trusted authority, for whatever host. */
        CA,
        /** Nothing: anybody in between can read and change everything. */
        NONE
    }

    /**
     * Encryption.
     *
     * @param authority certificates in PEM to trust, null for those of the JVM
     * @param certificate ours in PEM, null if the server asks for none
     * @param key that belongs to it, PKCS#8 in PEM
     */
    record Tls(
            Verification verification,
            @Nullable Path authority,
            @Nullable Path certificate,
            @Nullable Path key) {}
}

package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.Durability;
import dev.syncline.spi.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the runtime itself, resolved.
 *
 * @param outboxDirectory where the outbox lives; null if the settings do not say, then below the data directory
 * @param durability of publishing
 * @param outboxRetention how long entries are kept after they were acknowledged
 * @param outboxRetentionBytes how many bytes of such entries are kept at most
 * @param outboxMaxBytes how many bytes may wait to be shipped
 * @param maxPayloadBytes largest encoded payload
 * @param start where a new group begins
 * @param closeDeadline how long {@code close()} lets handlers finish
 */
public record RuntimeSettings(
        @Nullable Path outboxDirectory,
        Durability durability,
        Duration outboxRetention,
        long outboxRetentionBytes,
        long outboxMaxBytes,
        int maxPayloadBytes,
        Subscription.Start start,
        Duration closeDeadline) {}

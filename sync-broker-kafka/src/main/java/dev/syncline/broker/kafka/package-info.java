/**
 * The Kafka adapter, found by the URI scheme {@code kafka}. Open {@link dev.syncline.broker.kafka.KafkaBrokerProvider}
 * first, it lists the options; then follow a message through {@code KafkaBrokerProducer} and {@code SendLane} on the
 * way out, and through {@code KafkaBrokerConsumer}, {@code Assignment} and {@code Commits} on the way in.
 *
 * <pre>
 * KafkaBroker ── KafkaClients (makes the clients of Kafka, each with a name of its own)
 *    ├── BrokerCheck           Admin: topics, permissions, group
 *    ├── KafkaBrokerProducer   KafkaProducer: idempotent, acks=all, never blocks
 *    │      └── SendLane       order of one partition, decides alone
 *    └── KafkaBrokerConsumer   by the caller's thread, never commits by itself
 *           ├── Assignment     partitions that are ours, what was fetched of them
 *           ├── Commits        what is to be committed, one request under way
 *           └── Membership     KafkaConsumer, replaced when the group shut it out
 *                  ├── Pins         partitions that are pinned instead of shared out
 *                  ├── EndOffsets   how far the partitions reach, while the broker says so
 *                  └── Silence      is the broker still there?
 * </pre>
 *
 * <p>{@code KafkaFailures} is the one place where exceptions of Kafka's clients are read.
 */
@NullMarked
package dev.syncline.broker.kafka;

import org.jspecify.annotations.NullMarked;

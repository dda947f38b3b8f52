/** The Kafka adapter, found by the URI scheme {@code kafka}. */
@NullMarked
package dev.syncline.broker.kafka;

import org.jspecify.annotations.NullMarked;

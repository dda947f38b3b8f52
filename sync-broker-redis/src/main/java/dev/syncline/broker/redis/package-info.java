/** The Redis Streams adapter, found by the URI schemes {@code redis} and {@code rediss}. */
@NullMarked
package dev.syncline.broker.redis;

import org.jspecify.annotations.NullMarked;

/** From an event's key to its shard: one of 256 slices, frozen on disk. Open {@code Shards} first. */
@NullMarked
package dev.syncline.runtime.internal.keys;

import org.jspecify.annotations.NullMarked;

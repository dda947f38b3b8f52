/**
 * Reads one log as many streams, each at its own pace. Open {@link dev.syncline.runtime.internal.streams.LogStreams}
 * first.
 */
@NullMarked
package dev.syncline.runtime.internal.streams;

import org.jspecify.annotations.NullMarked;

/** The running pipeline: its builder, settings and health. Start at {@code Sync}. */
@NullMarked
package dev.syncline.runtime;

import org.jspecify.annotations.NullMarked;

/** Flat settings: known keys, typed values, and where each value came from. Open {@code Settings} first. */
@NullMarked
package dev.syncline.runtime.internal.settings;

import org.jspecify.annotations.NullMarked;

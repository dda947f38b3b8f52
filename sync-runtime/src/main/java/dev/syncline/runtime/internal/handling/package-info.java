/** Runs the fixed steps from the envelope to the handler's method. Open {@link Handling} first. */
@NullMarked
package dev.syncline.runtime.internal.handling;

import org.jspecify.annotations.NullMarked;

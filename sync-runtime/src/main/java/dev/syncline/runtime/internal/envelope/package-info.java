/** The attributes of a message, readable without decoding its payload. Open {@link Envelope} first. */
@NullMarked
package dev.syncline.runtime.internal.envelope;

import org.jspecify.annotations.NullMarked;

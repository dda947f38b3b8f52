/**
 * Brokers that whole applications run on, and what they say of positions.
 *
 * <p>Open {@link dev.syncline.verification.place.Place} first.
 */
@NullMarked
package dev.syncline.verification.place;

import org.jspecify.annotations.NullMarked;

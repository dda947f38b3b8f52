/** A few turns in every build; {@link dev.syncline.verification.relay.Takeovers} does as many as one likes. */
@NullMarked
package dev.syncline.verification.relay;

import org.jspecify.annotations.NullMarked;

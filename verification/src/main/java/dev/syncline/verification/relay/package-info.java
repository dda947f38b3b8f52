/**
 * Processes that take turns at the relay of one outbox.
 *
 * <p>Open {@link dev.syncline.verification.relay.Takeovers} first.
 */
@NullMarked
package dev.syncline.verification.relay;

import org.jspecify.annotations.NullMarked;

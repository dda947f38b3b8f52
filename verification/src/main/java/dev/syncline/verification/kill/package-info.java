/**
 * Applications that are killed, on every broker, and what they lose by it.
 *
 * <p>Open {@link dev.syncline.verification.kill.Kills} first: the command. {@link
 * dev.syncline.verification.kill.CountedApplication} is what it kills.
 */
@NullMarked
package dev.syncline.verification.kill;

import org.jspecify.annotations.NullMarked;

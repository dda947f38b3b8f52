/** Thirty kills in every build; {@link dev.syncline.verification.kill.Kills} does as many as one likes. */
@NullMarked
package dev.syncline.verification.kill;

import org.jspecify.annotations.NullMarked;

/** A few trials in every build; {@link dev.syncline.verification.members.Zombies} does as many as one likes. */
@NullMarked
package dev.syncline.verification.members;

import org.jspecify.annotations.NullMarked;

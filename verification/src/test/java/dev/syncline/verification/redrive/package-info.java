/** A few kills in every build; {@link dev.syncline.verification.redrive.Redrives} does as many as one likes. */
@NullMarked
package dev.syncline.verification.redrive;

import org.jspecify.annotations.NullMarked;

/**
 * Dead letters handed in again by several at once, while events of their keys keep coming and the process is killed.
 *
 * <p>Open {@link dev.syncline.verification.redrive.Redrives} first.
 */
@NullMarked
package dev.syncline.verification.redrive;

import org.jspecify.annotations.NullMarked;

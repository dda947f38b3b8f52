/**
 * What a simulated world is made of: one scheduler with virtual time, processes that die, disks that lose what was not
 * forced, and a broker that fails. Open {@link dev.syncline.testkit.internal.Scheduler} first.
 */
@NullMarked
package dev.syncline.testkit.internal;

import org.jspecify.annotations.NullMarked;

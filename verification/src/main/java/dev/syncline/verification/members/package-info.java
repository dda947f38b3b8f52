/**
 * Applications of several instances on real servers: instances that are stopped and wake up too late, instances that come and
 * go.
 *
 * <p>Open {@link dev.syncline.verification.members.Zombies} first.
 */
@NullMarked
package dev.syncline.verification.members;

import org.jspecify.annotations.NullMarked;

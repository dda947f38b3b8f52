/** The first room: completes, checks and encodes events and hands them to the outbox. */
@NullMarked
package dev.syncline.runtime.internal.publish;

import org.jspecify.annotations.NullMarked;

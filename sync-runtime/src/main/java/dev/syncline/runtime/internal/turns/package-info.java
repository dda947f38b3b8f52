/** Where rooms get their turns, their time and their threads: open {@link dev.syncline.runtime.internal.turns.Turns}. */
@NullMarked
package dev.syncline.runtime.internal.turns;

import org.jspecify.annotations.NullMarked;

/** Remembers how far each partition is done, so that a position never passes unfinished work. */
@NullMarked
package dev.syncline.runtime.internal.settle;

import org.jspecify.annotations.NullMarked;

/** Puts the rooms together and runs them. */
@NullMarked
package dev.syncline.runtime.internal.assembly;

import org.jspecify.annotations.NullMarked;

/** What the application declared, checked and resolved before start. Open {@link Wiring} first. */
@NullMarked
package dev.syncline.runtime.internal.wiring;

import org.jspecify.annotations.NullMarked;

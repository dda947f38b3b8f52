/** Spreads events over lanes by key, one at a time per key. */
@NullMarked
package dev.syncline.runtime.internal.dispatch;

import org.jspecify.annotations.NullMarked;

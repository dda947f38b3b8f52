/** Runnable applications, one package each. */
@NullMarked
package dev.syncline.examples;

import org.jspecify.annotations.NullMarked;

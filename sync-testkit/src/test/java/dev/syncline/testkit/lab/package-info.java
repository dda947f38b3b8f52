/** Handlers in a lab. */
@NullMarked
package dev.syncline.testkit.lab;

import org.jspecify.annotations.NullMarked;

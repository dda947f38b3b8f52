/** The behaviours that every broker adapter shows. An adapter runs them by extending one class. */
@NullMarked
package dev.syncline.testkit.conformance;

import org.jspecify.annotations.NullMarked;

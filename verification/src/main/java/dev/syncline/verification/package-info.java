/** Whole applications on real brokers under faults, and what is counted there. */
@NullMarked
package dev.syncline.verification;

import org.jspecify.annotations.NullMarked;

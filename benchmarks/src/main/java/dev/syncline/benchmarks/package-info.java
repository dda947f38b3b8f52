/** JMH benchmarks of the hot path, each beside its raw baseline. */
@NullMarked
package dev.syncline.benchmarks;

import org.jspecify.annotations.NullMarked;

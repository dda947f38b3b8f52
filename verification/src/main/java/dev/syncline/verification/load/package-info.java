/**
 * Programs that put a load on whole applications and print what they measured, each with its baseline in the same run.
 * They end by themselves; {@code docs/benchmarks.md} has the commands. Open {@code Poison} first, the smallest.
 */
@NullMarked
package dev.syncline.verification.load;

import org.jspecify.annotations.NullMarked;

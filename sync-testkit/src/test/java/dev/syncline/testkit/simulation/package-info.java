/** Runs the simulation and breaks the runtime on purpose to see it notice. */
@NullMarked
package dev.syncline.testkit.simulation;

import org.jspecify.annotations.NullMarked;

/** The whole real pipeline under seeded faults: open {@link dev.syncline.testkit.simulation.Simulation}. */
@NullMarked
package dev.syncline.testkit.simulation;

import org.jspecify.annotations.NullMarked;

/**
 * All that may come in and is not well, by number: what is put in, what must come of it, through a whole running
 * instance. Open {@code BadInputs} first, it is the table.
 */
@NullMarked
package dev.syncline.testkit.inputs;

import org.jspecify.annotations.NullMarked;

/** The README's quick start, as it compiles and runs. Open {@link dev.syncline.examples.quickstart.QuickStart}. */
@NullMarked
package dev.syncline.examples.quickstart;

import org.jspecify.annotations.NullMarked;

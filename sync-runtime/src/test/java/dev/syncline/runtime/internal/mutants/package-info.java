/** Defects planted on purpose, each of which a test must notice. Open {@code MutantsTest} first. */
@NullMarked
package dev.syncline.runtime.internal.mutants;

import org.jspecify.annotations.NullMarked;

/** Takes messages from a broker, enters them in the window of their partition. */
@NullMarked
package dev.syncline.runtime.internal.ingest;

import org.jspecify.annotations.NullMarked;

/** What only a module that sees all adapters can test. */
@NullMarked
package dev.syncline.examples.shared;

import org.jspecify.annotations.NullMarked;

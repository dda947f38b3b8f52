/** What the example promises, from the single parts to runs in which brokers and the application are killed. */
@NullMarked
package dev.syncline.examples.catalog;

import org.jspecify.annotations.NullMarked;

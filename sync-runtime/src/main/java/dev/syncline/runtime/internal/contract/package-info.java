/** JSON Schemas of event types, and data held against them. Open {@code SchemaContracts} first. */
@NullMarked
package dev.syncline.runtime.internal.contract;

import org.jspecify.annotations.NullMarked;

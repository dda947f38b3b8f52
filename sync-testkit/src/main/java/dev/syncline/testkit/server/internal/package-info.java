/** What runs inside the broker's own JVM; see {@link dev.syncline.testkit.server.internal.KafkaNode}. */
@NullMarked
package dev.syncline.testkit.server.internal;

import org.jspecify.annotations.NullMarked;

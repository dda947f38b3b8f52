/**
 * Real servers for tests: Kafka and Redis as child processes that a test may kill, pause and restart, a network that it may
 * break, and applications in JVMs of their own.
 *
 * <p>Open {@link dev.syncline.testkit.server.RealKafka} first: an annotated parameter or field is all that most tests need.
 * {@link dev.syncline.testkit.server.ServerProcess} says what can be done to a server.
 *
 * <p>System properties:
 *
 * <ul>
 *   <li>{@code syncline.test.redis}: path of the {@code redis-server} to run instead of the one of the class path
 *   <li>{@code syncline.test.cache}: directory for what is unpacked or prepared once; default {@code ~/.cache/syncline-testkit}
 *   <li>{@code syncline.test.cds}: {@code false} starts Kafka without a class-data archive, which is slower
 * </ul>
 */
@NullMarked
package dev.syncline.testkit.server;

import org.jspecify.annotations.NullMarked;

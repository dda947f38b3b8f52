/**
 * Counts what an application loses, repeats or reorders when it is killed, again and again: the application runs in a JVM of
 * its own and writes down what it is about to do and what it has done; this JVM kills it at seeded times and points, starts it
 * again, and compares.
 *
 * <p>Open {@link dev.syncline.testkit.kill.KillRun} first; the application's side is
 * {@link dev.syncline.testkit.kill.Journal}, what is compared with what stands at
 * {@link dev.syncline.testkit.kill.KillOracle}.
 *
 * <p>Several instances at a time, which share their state, are killed, stopped, and made to leave and join by {@link
 * dev.syncline.testkit.kill.MemberRun}.
 *
 * <pre>{@code
 * application, many lives                        oracle
 *   journal.intent(id, key, seq)    @I ──┐
 *   publisher.publish(…)                 │ pipe: what was written stays,
 *   journal.accepted(id)            @A ──┤ whatever becomes of the writer
 *   …                                    ├──► KillOracle ──► KillReport
 *   try (run = journal.run(h, id))  @H ──┤
 *     effect, run.effect()          @E ──┘
 *   ✂ SIGKILL, at any point of this
 * }</pre>
 */
@NullMarked
package dev.syncline.testkit.kill;

import org.jspecify.annotations.NullMarked;

/**
 * The durable local log of what is still to be shipped. Open {@link dev.syncline.runtime.internal.outbox.Outbox} first.
 *
 * <pre>
 * publish ── append(entries) ──► Outbox ──► DocumentWriter ──► EventLog ──► GroupCommit (DISK)
 *                                  └── newReader() ──► OutboxReader ──► relay, local broker
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.outbox;

import org.jspecify.annotations.NullMarked;

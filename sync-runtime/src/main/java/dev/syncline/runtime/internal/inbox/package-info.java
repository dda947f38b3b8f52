/**
 * What one handler has applied: its inbox, by which a repeat is recognised, and its guard, by which an older state never
 * overwrites a newer. Open {@code InboxStore} and {@code GuardStore} first, then {@code ShardInbox} and
 * {@code ShardGuard}, which hold the rules.
 *
 * <pre>
 *   lane ──► InboxStore ──► ShardedInbox ──► 256 x ShardInbox ──► Table sequence, Table ids
 *        ──► GuardStore ──► ShardedGuard ──► 256 x ShardGuard ──► Table guard
 *
 *   data directory/inbox/handler/sequence-00.table … sequence-ff.table, ids-….table, guard-….table
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.inbox;

import org.jspecify.annotations.NullMarked;

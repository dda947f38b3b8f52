/**
 * What an application touches: annotations for payloads, handlers and mappers, the {@linkplain dev.syncline.api.Event
 * event} with its envelope, the {@linkplain dev.syncline.api.EventPublisher publisher}, and how a handler says how a
 * delivery ended. Open {@link dev.syncline.api.SyncHandler} first: it is the index of what a handler can ask for.
 */
@NullMarked
package dev.syncline.api;

import org.jspecify.annotations.NullMarked;

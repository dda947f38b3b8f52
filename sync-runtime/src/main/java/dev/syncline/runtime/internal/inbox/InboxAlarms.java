package dev.syncline.runtime.internal.inbox;

import dev.syncline.runtime.internal.table.TableAlarms;

/** What an operator should hear of. Called by the thread that found it; must not block. */
public interface InboxAlarms extends TableAlarms {

    /**
     * An entity has versions of a second origin: they are not compared, so which of the two is newer is not known.
     *
     * @param origin the one that is new to the entity
     */
    void onSecondOrigin(String topic, String key, String origin);
}

package dev.syncline.testkit.internal;

/** Unwinds what a process was doing when it died: nothing that it does from then on has an effect. */
public final class ProcessDied extends Error {

    private static final long serialVersionUID = 1L;

    ProcessDied(String where) {
        super(where, null, false, false);
    }
}

package dev.syncline.examples.catalog;

/** The process died here, in a test that has no process to kill. */
final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
}

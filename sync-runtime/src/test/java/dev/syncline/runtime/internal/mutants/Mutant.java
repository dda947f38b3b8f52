package dev.syncline.runtime.internal.mutants;

/**
 * A defect.
 *
 * @param what it does wrong
 * @param promise number of the promise that it breaks
 * @param patch plants it
 * @param suite must notice it
 * @param sign what the finding says: that it was noticed for what it is
 */
record Mutant(String what, String promise, Patch patch, Suite suite, String sign) {

    /** The name of its test. */
    @Override
    public String toString() {
        return promise + ": " + what;
    }
}

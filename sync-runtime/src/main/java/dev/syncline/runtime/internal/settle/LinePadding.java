package dev.syncline.runtime.internal.settle;

/**
 * Keeps the fields of a subclass two cache lines away from what lies before its objects in memory; the subclass keeps its
 * distance to what lies behind by the same. For what one thread writes all the time, and what many write. The fields are
 * longs, since smaller ones would be put into gaps of the superclass.
 */
@SuppressWarnings("unused")
public abstract class LinePadding {
    private long a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16;
}

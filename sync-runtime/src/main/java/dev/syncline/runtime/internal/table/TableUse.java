package dev.syncline.runtime.internal.table;

import java.util.function.IntPredicate;

/**
 * What a table is for, and what it may forget.
 *
 * @param name begins the names of its files, such as {@code ids}
 * @param code stands in its files, so that one is not taken for another
 * @param mayEvict whether the oldest entry makes room when the budget or the disk has none
 * @param isDue whether an entry with that mark may be forgotten when its room is wanted
 * @param budget of slots that tables share
 */
public record TableUse(String name, int code, boolean mayEvict, IntPredicate isDue, SlotBudget budget) {}

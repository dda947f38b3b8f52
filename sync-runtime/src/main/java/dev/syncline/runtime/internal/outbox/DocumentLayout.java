package dev.syncline.runtime.internal.outbox;

/**
 * How entries lie in an entry of the log. Numbers are big-endian, {@code len} is an unsigned LEB128 number, {@code text}
 * is {@code len} and so many bytes of UTF-8.
 *
 * <pre>
 * document                                   one append, all or nothing
 *   0   version        u8    1; 2 if it has marks; 3 if the outbox has another id than its store
 *   1   flags          u8    bit 0: the number before was not the one that precedes, on purpose
 *   2   count          u16   entries, from 1 on
 *   4   store id       16 bytes
 *  20   first n        i64   the entries are first n, first n + 1, …
 *  28   appended at    i64   milliseconds since 1970
 *  36   outbox id      16 bytes; version 3 only
 *       marks          i32 of all bytes with this field, len, then so many times len, bytes; versions 2 and 3
 *       entries
 *
 * entry
 *   0   size           i32   of the whole entry with this field
 *   4   kind           u8    1: event
 *   5   shard          u8
 *   6   broker         text  ┐ enough for routing,
 *       topic          text  ┘ nothing behind it need be read
 *       key            text
 *       attributes     len, then so many times text, text
 *       headers        len, then so many times text, text
 *       data           len = 0: no data; else len - 1 bytes
 * </pre>
 *
 * <p>A mark says that an event whose results these are was applied; what is in it is the inbox's. A document without
 * marks is written in version 1, so that a release which knows of none can read it.
 *
 * <p>{@code outboxseq} is not stored: it is the outbox's id and the number, which are. The outbox's id is the store's until
 * the store was put back from a backup (decision 29); what was appended before keeps the id that it had. A reader refuses a version or a kind that it
 * does not know, so that an older release does not read past what it does not understand (S28).
 */
final class DocumentLayout {

    static final int VERSION = 1;
    static final int VERSION_WITH_MARKS = 2;
    static final int VERSION_WITH_OUTBOX_ID = 3;
    static final int FLAG_RESTARTED = 1;
    static final int MAX_COUNT = 0xffff;

    static final int AT_FLAGS = 1;
    static final int AT_COUNT = 2;
    static final int AT_STORE = 4;
    static final int AT_FIRST_N = 20;
    static final int AT_APPENDED = 28;
    static final int HEAD = 36;
    static final int ID_BYTES = 16;

    static final int KIND_EVENT = 1;
    static final int ENTRY_KIND = 4;
    static final int ENTRY_SHARD = 5;
    static final int ENTRY_ROUTE = 6;

    static final String OUTBOXSEQ = "outboxseq";

    private DocumentLayout() {}
}

package dev.syncline.runtime.internal.park;

import dev.syncline.api.Delivery.Mode;
import java.util.List;

/**
 * How records lie in the entries of the log, one in each. Numbers are big-endian, {@code len} is an unsigned LEB128
 * number, {@code time} is i64 seconds since 1970 and i32 nanoseconds. {@code text} is {@code len} = 2 × bytes + u and so
 * many bytes: UTF-8 if u is 0, UTF-16 if it is 1, for a text with half a surrogate pair, which UTF-8 cannot hold and a
 * broken event may.
 *
 * <pre>
 * record
 *   0   version        u8    1
 *   1   kind           u8    1: letter, 2: state, 3: close
 *   2   store id       16 bytes
 *
 * letter                     a parked event
 *  18   letter         i64   its name for ever: the index of its first entry; -1 in that one, else this is a copy
 *  26   identity       16 bytes, see {@link Identity}
 *  42   digest         i32   CRC32C of the data
 *  46   shard          u8
 *  47   mode           u8    0: LIVE, 1: BACKFILL, 2: REPLAY, 3: REDRIVE
 *  48   parked at      i64   milliseconds since 1970
 *  56   first seen     time
 *  68   partition      i32
 *  72   position       i64, i64
 *  88   sent at        time
 * 100   topic          text  ┐ enough for the index
 *       key            text  ┘ empty: it has none and is a key of its own
 *       source         text  ┐
 *       id             text  │ as the envelope says, for operators
 *       type           text  ┘
 *       topic, key     text, text                    ┐
 *       attributes     len, then so many text, text  │ the message as the adapter
 *       headers        len, then so many text, text  │ handed it over
 *       data           len = 0: none; else len - 1 bytes
 *       defect         u8    0: none; 1: text (code), text (detail), len, then so many text, len, bytes
 *
 * state                      of a letter that is the head of its key; the last one counts
 *  18   letter         i64
 *  26   identity       16 bytes
 *  42   shard          u8
 *  43   flags          u8    bit 0: dead
 *  44   attempts       i32   failed ones since it was parked or redriven, those in place among them
 *  48   redrives       i32
 *  52   first failure  i64   ┐
 *  60   last failure   i64   │ milliseconds
 *  68   due at         i64   │
 *  76   pause          i64   ┘
 *  84   code           text
 *       detail         text
 *       topic, key     text, text    ┐ of the letter, so that its key still waits where
 *       digest         i32           ┘ the letter is damaged; absent in early records
 *
 * close                      letters that are no more
 *  18   how            u8    1: done, 2: skipped, 3: dropped
 *  19   closed at      i64   milliseconds since 1970
 *  27   who            text
 *       why            text
 *       letters        len, then so many i64
 * </pre>
 *
 * <p>A reader refuses a version, a kind, a mode and a way to close that it does not know, so that an older release does not read
 * past what it does not understand (S28).
 */
final class RecordLayout {

    static final int VERSION = 1;

    static final int LETTER = 1;
    static final int STATE = 2;
    static final int CLOSE = 3;

    static final int AT_KIND = 1;
    static final int AT_STORE = 2;
    static final int BODY = 18;

    static final int AT_LETTER = BODY;
    static final int AT_IDENTITY = 26;

    static final int LETTER_DIGEST = 42;
    static final int LETTER_SHARD = 46;
    static final int LETTER_MODE = 47;
    static final int LETTER_PARKED_AT = 48;
    static final int LETTER_PARTITION = 68;
    static final int LETTER_POSITION = 72;
    static final int LETTER_TEXTS = 100;

    static final int STATE_SHARD = 42;
    static final int STATE_FLAGS = 43;
    static final int FLAG_DEAD = 1;

    /** By their numbers on the disk, which never change. */
    static final List<Mode> MODES = List.of(Mode.LIVE, Mode.BACKFILL, Mode.REPLAY, Mode.REDRIVE);

    private RecordLayout() {}
}

package dev.syncline.runtime.internal.codec;

import com.google.common.base.Utf8;
import dev.syncline.spi.Bytes;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * The one way in which this library reads JSON from outside: within limits, and with no text that two readers could
 * understand differently (duplicate names, invalid UTF-8).
 *
 * <p>The limits of the parser are wide or absent by default: no bound on the document or its tokens, 20 million
 * characters in a string.
 */
public final class StrictJson {

    /** Objects and arrays within each other, at most. */
    public static final int MAX_DEPTH = 64;

    private static final int MAX_NAME = 1024;
    private static final int MAX_NUMBER = 1000;
    private static final int BYTES_PER_TOKEN = 4;

    private StrictJson() {}

    /**
     * A factory with limits.
     *
     * @param maxBytes largest document
     * @param maxDepth objects and arrays within each other
     */
    public static JsonFactory factory(int maxBytes, int maxDepth) {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxDocumentLength(maxBytes)
                        // more tokens than this are separators in the main: an attack, or a matrix that belongs in a
                        // file
                        .maxTokenCount(Math.max(1024, maxBytes / BYTES_PER_TOKEN))
                        .maxNestingDepth(maxDepth)
                        .maxNameLength(MAX_NAME)
                        .maxNumberLength(MAX_NUMBER)
                        .maxStringLength(maxBytes)
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(maxDepth)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION) // it would print payloads
                .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES) // names come from outside
                .build();
    }

    /** The text without a byte order mark, which some writers put before JSON. */
    public static Bytes withoutMark(Bytes text) {
        byte[] array = text.array();
        int at = text.offset();
        boolean isMarked = text.length() >= 3
                && array[at] == (byte) 0xEF
                && array[at + 1] == (byte) 0xBB
                && array[at + 2] == (byte) 0xBF;
        return isMarked ? Bytes.wrap(array, at + 3, text.length() - 3) : text;
    }

    /**
     * Whether it is UTF-8 without overlong forms, surrogates and cut sequences, which the parser lets pass. A NUL
     * cannot be part of JSON; it would make the parser guess UTF-16 or UTF-32.
     */
    public static boolean isUtf8(Bytes text) {
        for (int i = 0; i < Math.min(4, text.length()); i++) {
            if (text.array()[text.offset() + i] == 0) {
                return false;
            }
        }
        return Utf8.isWellFormed(text.array(), text.offset(), text.length());
    }
}

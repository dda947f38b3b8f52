package dev.syncline.broker.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a script answered: a status and what belongs to it.
 *
 * @param values byte arrays, Longs and Lists of these
 */
record Reply(List<Object> values) {

    /** The lease is not ours any more. */
    static final String LOST = "LOST";

    static final String OK = "OK";

    String status() {
        return text(0);
    }

    boolean isOk() {
        return status().equals(OK);
    }

    boolean isLost() {
        return status().equals(LOST);
    }

    String text(int index) {
        return asText(values.get(index));
    }

    long number(int index) {
        return values.get(index) instanceof Long number ? number : Long.parseLong(text(index));
    }

    List<?> list(int index) {
        return (List<?>) values.get(index);
    }

    static String asText(Object value) {
        return value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(value);
    }
}

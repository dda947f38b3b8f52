package dev.syncline.spi;

import java.util.List;
import java.util.Objects;

/**
 * Why a message cannot be read as it is, and its headers as they came.
 *
 * @param code stable reason, dotted lower case: {@code invalid.utf8}, {@code ambiguous.header}, {@code too.many.headers}
 * @param detail for people; no payload
 * @param headers all headers in their order, with repeats
 */
public record Defect(String code, String detail, List<RawHeader> headers) {

    public Defect {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(detail, "detail");
        headers = List.copyOf(headers);
    }

    /** One header as it came. */
    public record RawHeader(String name, Bytes value) {}
}

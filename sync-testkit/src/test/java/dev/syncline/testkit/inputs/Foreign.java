package dev.syncline.testkit.inputs;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record as a program stores it that knows nothing of Syncline. */
final class Foreign {

    private final List<RawHeader> headers = new ArrayList<>();
    private Bytes key = Bytes.utf8("");
    private @Nullable Bytes data;

    /** A record of nothing. */
    Foreign() {}

    /** With a header, instead of what was there by that name. */
    Foreign header(String name, String value) {
        return header(name, Bytes.utf8(value));
    }

    Foreign header(String name, Bytes value) {
        without(name);
        return another(name, value);
    }

    /** With a header, beside what is there by that name. */
    Foreign another(String name, Bytes value) {
        headers.add(new RawHeader(name, value));
        return this;
    }

    Foreign without(String name) {
        headers.removeIf(header -> header.name().equals(name));
        return this;
    }

    /** With a key of the record. */
    Foreign key(String text) {
        return key(Bytes.utf8(text));
    }

    Foreign key(Bytes bytes) {
        key = bytes;
        return this;
    }

    Foreign data(String text) {
        return data(Bytes.utf8(text));
    }

    Foreign data(Bytes bytes) {
        data = bytes;
        return this;
    }

    Foreign noData() {
        data = null;
        return this;
    }

    List<RawHeader> headers() {
        return List.copyOf(headers);
    }

    Bytes key() {
        return key;
    }

    @Nullable
    Bytes data() {
        return data;
    }
}

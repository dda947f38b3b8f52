package dev.syncline.runtime.internal.settings;

import java.util.Objects;

/**
 * A value and who said so.
 *
 * @param text as it would be written
 * @param origin for people: {@code built-in}, {@code annotation}, {@code builder}, or the setting's key
 */
public record Resolved<T>(T value, String text, String origin) {

    public Resolved {
        Objects.requireNonNull(value);
        Objects.requireNonNull(text);
        Objects.requireNonNull(origin);
    }
}

package dev.syncline.runtime.internal.codec;

import java.util.Locale;

/**
 * A content type taken apart as far as decoding needs it (RFC 2046, RFC 6838): compared without case, parameters aside.
 *
 * @param essence type and subtype in lower case; empty if the text is
 * @param charset in lower case; empty if not given
 */
public record MediaType(String essence, String charset) {

    private static final MediaType JSON = new MediaType("application/json", "");

    /** Takes a content type apart; never fails. */
    public static MediaType of(String text) {
        if (text.equals("application/json")) {
            return JSON; // nearly every message; saves the work
        }
        int semicolon = text.indexOf(';');
        var essence = semicolon < 0 ? text : text.substring(0, semicolon);
        return new MediaType(
                essence.strip().toLowerCase(Locale.ROOT), semicolon < 0 ? "" : charset(text.substring(semicolon + 1)));
    }

    /** Whether data of this type is JSON: {@code …/json} or {@code …/…+json}. */
    public boolean isJson() {
        return essence.endsWith("/json") || essence.endsWith("+json");
    }

    /** Whether text of this type is in UTF-8, by what it says or by default. */
    public boolean isUtf8() {
        return charset.isEmpty() || charset.equals("utf-8") || charset.equals("utf8") || charset.equals("us-ascii");
    }

    private static String charset(String parameters) {
        for (var parameter : parameters.split(";", -1)) {
            int equals = parameter.indexOf('=');
            if (equals > 0 && parameter.substring(0, equals).strip().equalsIgnoreCase("charset")) {
                var value = parameter.substring(equals + 1).strip().toLowerCase(Locale.ROOT);
                boolean isQuoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
                return isQuoted ? value.substring(1, value.length() - 1) : value;
            }
        }
        return "";
    }
}

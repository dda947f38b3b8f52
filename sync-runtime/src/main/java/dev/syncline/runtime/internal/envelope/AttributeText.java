package dev.syncline.runtime.internal.envelope;

/**
 * What CloudEvents 1.0.2 allows as the text of an attribute. Publishing asks the same questions as reading.
 *
 * <p>Threading: any.
 */
public final class AttributeText {

    private AttributeText() {}

    /** Whether it has no control character, no unpaired surrogate and no non-character of Unicode. */
    public static boolean isLegal(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x20 && c < 0x7f) {
                continue;
            }
            if (c < 0x20 || c <= 0x9f || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                int codePoint = Character.toCodePoint(c, text.charAt(++i));
                if ((codePoint & 0xfffe) == 0xfffe) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Whether it can be a URI or a relative reference: only characters of RFC 3986, complete percent escapes, and a
     * colon in the first segment only behind a scheme. It does not look into authorities, which name nothing here.
     */
    public static boolean isUriReference(String text) {
        int schemeEnd = -1;
        boolean isFirstSegment = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= text.length() || !isHex(text.charAt(i + 1)) || !isHex(text.charAt(i + 2))) {
                    return false;
                }
            } else if (c == ':' && isFirstSegment && schemeEnd < 0) {
                schemeEnd = i;
            } else if (c == '/' || c == '?' || c == '#') {
                isFirstSegment = false;
            } else if (!isLetterOrDigit(c) && "-._~:[]@!$&'()*+,;=".indexOf(c) < 0) {
                return false;
            }
        }
        return schemeEnd < 0 || isScheme(text, schemeEnd);
    }

    private static boolean isScheme(String text, int end) {
        if (end == 0 || !isLetter(text.charAt(0))) {
            return false;
        }
        for (int i = 1; i < end; i++) {
            char c = text.charAt(i);
            if (!isLetterOrDigit(c) && c != '+' && c != '-' && c != '.') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isLetterOrDigit(char c) {
        return isLetter(c) || (c >= '0' && c <= '9');
    }

    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}

package dev.syncline.runtime.internal.contract;

import com.networknt.schema.regex.RegularExpression;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A {@code pattern} of a schema that gives up: some patterns need time exponential in the length of the text
 * ({@code (a+)+$}), and the matcher of the JDK knows no limit. It reads the text through a sequence that counts.
 */
final class BudgetedPattern implements RegularExpression {

    private static final int READS = 1_000_000; // about ten milliseconds

    private final Pattern pattern;

    /** Of an ECMA-262 pattern, where a dollar means the very end; in Java also the place before a last line feed. */
    BudgetedPattern(String ecma) {
        boolean isAnchored = ecma.endsWith("$") && !ecma.endsWith("\\$");
        this.pattern = Pattern.compile(isAnchored ? ecma.substring(0, ecma.length() - 1) + "\\z" : ecma);
    }

    @Override
    public boolean matches(String value) {
        try {
            return pattern.matcher(new Counted(value, new Budget())).find();
        } catch (StackOverflowError tooDeep) {
            throw new LimitExceeded("pattern", tooDeep); // a group repeated thousands of times
        }
    }

    /** A limit of validation was reached; the data is neither valid nor invalid. */
    static final class LimitExceeded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LimitExceeded(String what, @Nullable Throwable cause) {
            super(what, cause, false, false);
        }
    }

    /** What one match may still read. */
    private static final class Budget {
        private int left = READS;

        void spend() {
            if (left-- <= 0) {
                throw new LimitExceeded("pattern", null);
            }
        }
    }

    private record Counted(String text, Budget budget) implements CharSequence {

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            budget.spend();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text.substring(start, end), budget);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}

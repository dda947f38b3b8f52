package dev.syncline.runtime.internal.codec;

import java.math.BigDecimal;
import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.util.JsonParserDelegate;

/**
 * Refuses numbers that look harmless and are not: {@code 1e999999999} is a {@code BigDecimal} of 40 bytes until
 * somebody prints it, and an infinity as a {@code double}.
 */
final class FiniteNumbersParser extends JsonParserDelegate {

    /** Digits before or behind the decimal point; the largest double has 309. */
    private static final int MAX_SCALE = 1000;

    FiniteNumbersParser(JsonParser json) {
        super(json);
    }

    @Override
    public BigDecimal getDecimalValue() {
        return bounded(super.getDecimalValue());
    }

    @Override
    public Number getNumberValue() {
        return bounded(super.getNumberValue());
    }

    @Override
    public Number getNumberValueExact() {
        return bounded(super.getNumberValueExact());
    }

    @Override
    public double getDoubleValue() {
        return finite(super.getDoubleValue());
    }

    @Override
    public float getFloatValue() {
        float value = super.getFloatValue();
        finite(value);
        return value;
    }

    private <N extends Number> N bounded(N number) {
        if (number instanceof BigDecimal decimal && Math.abs((long) decimal.scale()) > MAX_SCALE) {
            throw new StreamConstraintsException(
                    "number with an exponent beyond " + MAX_SCALE, delegate.currentTokenLocation());
        }
        if (number instanceof Double || number instanceof Float) {
            finite(number.doubleValue());
        }
        return number;
    }

    private double finite(double value) {
        if (!Double.isFinite(value)) {
            throw new StreamConstraintsException("number beyond double", delegate.currentTokenLocation());
        }
        return value;
    }
}

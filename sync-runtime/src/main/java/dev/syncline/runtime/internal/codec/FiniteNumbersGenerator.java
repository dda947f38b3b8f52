package dev.syncline.runtime.internal.codec;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.StreamWriteException;
import tools.jackson.core.util.JsonGeneratorDelegate;

/** Refuses NaN and the infinities, which would become text that no reader takes for a number. */
final class FiniteNumbersGenerator extends JsonGeneratorDelegate {

    FiniteNumbersGenerator(JsonGenerator json) {
        super(json, false);
    }

    @Override
    public JsonGenerator writeNumber(double value) {
        if (!Double.isFinite(value)) {
            throw new StreamWriteException(delegate, "JSON has no " + value);
        }
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeNumber(float value) {
        if (!Float.isFinite(value)) {
            throw new StreamWriteException(delegate, "JSON has no " + value);
        }
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeArray(double[] values, int offset, int length) {
        writeStartArray(values, length);
        for (int i = offset; i < offset + length; i++) {
            writeNumber(values[i]);
        }
        return writeEndArray();
    }
}

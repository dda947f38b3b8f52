package dev.syncline.spi;

import dev.syncline.api.ContractException;
import java.lang.reflect.Type;

/**
 * Turns payloads into bytes and back. Thread-safe. Decodes only into the type that the application declared, never
 * into one that the data names.
 */
public interface PayloadCodec {

    /** The media type that {@link #encode} writes, such as {@code application/json}. */
    String contentType();

    /** Whether it can decode data of that media type, parameters stripped, lower case. */
    boolean decodes(String mediaType);

    /**
     * The payload as bytes.
     *
     * @throws ContractException if it cannot be encoded or breaks a limit
     */
    Bytes encode(Object payload);

    /**
     * The bytes as the declared type.
     *
     * @throws ContractException if they are malformed, break a limit or do not fit
     */
    Object decode(Bytes data, Type type);
}

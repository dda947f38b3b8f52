/** Payloads as JSON, strictly and within limits. Open {@code JacksonCodec} first. */
@NullMarked
package dev.syncline.runtime.internal.codec;

import org.jspecify.annotations.NullMarked;

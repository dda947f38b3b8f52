package dev.syncline.benchmarks;

import java.nio.charset.StandardCharsets;

/** JSON of a given size, shaped as a product is. */
final class Payloads {

    private Payloads() {}

    static byte[] json(int size) {
        var head = "{\"sku\":\"sku-0001\",\"revision\":7,\"title\":\"";
        var tail = "\",\"price\":20.00}";
        var title = "Lamp ".repeat(size / 5 + 1).substring(0, size - head.length() - tail.length());
        return (head + title + tail).getBytes(StandardCharsets.UTF_8);
    }
}

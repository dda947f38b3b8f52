package dev.syncline.testkit.inputs;

import dev.syncline.spi.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a row makes its input of: names that no other row uses, and a word that is in its payload and may be in no log.
 *
 * @param name unique
 */
record Given(String name) {

    /** The entity of the event that is not well. */
    String key() {
        return "k" + name;
    }

    /** Its id. */
    String id() {
        return "i" + name;
    }

    /** Stands in payloads, and nowhere else. */
    String canary() {
        return LogWatch.CANARY + name;
    }

    /** Sound data of version 2. */
    String json() {
        return "{\"sku\":\"" + key() + "\",\"revision\":1,\"title\":\"" + canary() + "\"}";
    }

    /** A record that would be well: rows spoil it. */
    Foreign product() {
        return type("changed").header("ce_dataversion", "2");
    }

    /** A sound record of {@code catalog.product.<name>} with data of version 1 that any map takes. */
    Foreign type(String what) {
        return new Foreign()
                .header("ce_specversion", "1.0")
                .header("ce_id", id())
                .header("ce_source", "crm")
                .header("ce_type", "catalog.product." + what)
                .header("ce_partitionkey", key())
                .header("content-type", "application/json")
                .key(key())
                .data(json());
    }

    /** A record in structured mode, without a key of its own. */
    Foreign structured(String document) {
        return structured(Bytes.utf8(document));
    }

    /** The same of bytes that may be no text. */
    Foreign structured(Bytes document) {
        return new Foreign()
                .header("content-type", "application/cloudevents+json")
                .data(document);
    }

    /** A sound document of a type that takes its data as bytes, with {@code more} members in front. */
    String document(String more) {
        return "{" + more + "\"specversion\":\"1.0\",\"id\":\"" + id() + "\",\"source\":\"crm\",\"type\":"
                + "\"catalog.product.image\",\"partitionkey\":\"" + key() + "\",\"data\":\"" + canary() + "\"}";
    }

    /** The same without data, with {@code data} members instead. */
    String documentOf(String data) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id() + "\",\"source\":\"crm\",\"type\":\"catalog.product.image\","
                + "\"partitionkey\":\"" + key() + "\"," + data + "}";
    }

    String base64() {
        return Base64.getEncoder().encodeToString(canary().getBytes(StandardCharsets.UTF_8));
    }
}

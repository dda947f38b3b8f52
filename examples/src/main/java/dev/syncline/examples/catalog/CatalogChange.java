package dev.syncline.examples.catalog;

import dev.syncline.api.Event;

/** One change of the catalogue. Its number counts from 1 and is the revision of what it leaves. */
sealed interface CatalogChange {

    long number();

    String sku();

    /**
     * The event that says so. Its id is the change's number, so that a change published twice is one event.
     *
     * @return without source and time, which publishing adds
     */
    Event<?> event();

    /** A product is new, or has another state. */
    record Put(Product product) implements CatalogChange {

        /** Every tenth change is made on a node that still runs last year's release. */
        private static final int OLD_NODE = 10;

        @Override
        public long number() {
            return product.revision();
        }

        @Override
        public String sku() {
            return product.sku();
        }

        @Override
        public Event<?> event() {
            return number() % OLD_NODE == 0
                    ? Event.of(ProductV1.of(product)).withId(id(number()))
                    : Event.of(product).withId(id(number()));
        }
    }

    /** A product is gone. */
    record Remove(String sku, long number) implements CatalogChange {

        @Override
        public Event<?> event() {
            return Event.delete(Product.REMOVED, sku).withVersion(number).withId(id(number));
        }
    }

    private static String id(long number) {
        return "change-" + number;
    }
}

package dev.syncline.examples.catalog;

import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes up what happens in a catalogue: every fifth change brings a new product, the others hit those that are there,
 * the early ones far more often. Most of them change stock or price; some remove a product, and the next change that hits
 * it brings it back.
 *
 * <p>A change is a function of seed, number and the present state of the product that it hits. So a run that was
 * interrupted goes on as if it had not been, with nothing to remember but the number. Immutable.
 */
final class ChangeGenerator {

    /** One product is launched per so many changes: 10,000 changes are about 2,000 products. */
    static final int CHANGES_PER_PRODUCT = 5;

    private static final int WHICH_PRODUCT = 1;
    private static final int WHAT_HAPPENS = 2;

    private static final List<List<String>> CATEGORIES = List.of(
            List.of("Home", "Lighting", "Desk lamps"),
            List.of("Home", "Lighting", "Floor lamps"),
            List.of("Home", "Lighting", "Bulbs"),
            List.of("Home", "Kitchen", "Kettles"),
            List.of("Home", "Kitchen", "Pans"),
            List.of("Home", "Textiles"),
            List.of("Office", "Chairs"),
            List.of("Office", "Desks"),
            List.of("Office", "Paper", "Notebooks"),
            List.of("Garden", "Tools"),
            List.of("Garden", "Furniture"),
            List.of("Outdoor", "Tents"),
            List.of("Outdoor", "Rucksacks"),
            List.of("Clearance"));
    private static final List<String> LOOKS = List.of(
            "Plain",
            "Folding",
            "Classic",
            "Slim",
            "Heavy-duty",
            "Mini",
            "Grand",
            "Quiet",
            "Rustic",
            "Übersize",
            "Crème",
            "\"Nº 7\"");
    private static final List<String> THINGS = List.of(
            "lamp",
            "kettle",
            "chair",
            "desk",
            "notebook",
            "spade",
            "tent",
            "rucksack",
            "pan",
            "blanket",
            "bench",
            "bulb");
    private static final List<String> COLOURS = List.of("red", "oak", "black", "white", "sea green", "brushed steel");
    private static final List<String> ATTRIBUTES = List.of("colour", "material", "warranty", "origin", "size");

    private final long seed;

    ChangeGenerator(long seed) {
        this.seed = seed;
    }

    /** The product that a change hits. */
    String skuOf(long number) {
        long launched = (number + CHANGES_PER_PRODUCT - 1) / CHANGES_PER_PRODUCT;
        if (number % CHANGES_PER_PRODUCT == 1) {
            return sku(launched);
        }
        // The cube makes it steep: one change in five hits the first 1 % of the products, one in two the first 12 %.
        double luck = random(number, WHICH_PRODUCT).nextDouble();
        return sku(1 + (long) (launched * luck * luck * luck));
    }

    /**
     * The change with that number.
     *
     * @param now the product of {@link #skuOf} as it is before the change; null if it is not there
     */
    CatalogChange change(long number, @Nullable Product now) {
        var random = random(number, WHAT_HAPPENS);
        if (now == null) {
            return new CatalogChange.Put(launch(number, random));
        }
        int dice = random.nextInt(100);
        if (dice < 8) {
            return new CatalogChange.Remove(now.sku(), number);
        }
        var draft = new Draft(now, number);
        if (dice < 45) {
            draft.stock = random.nextInt(4) == 0 ? 0 : random.nextInt(500);
        } else if (dice < 75) {
            draft.priceCents = Math.max(1, draft.priceCents * (80 + random.nextInt(45)) / 100);
        } else if (dice < 80) {
            draft.title = title(random);
        } else if (dice < 85) {
            draft.description = random.nextInt(3) == 0 ? null : description(random);
        } else if (dice < 93) {
            var name = pick(ATTRIBUTES, random);
            if (random.nextInt(3) == 0) {
                draft.attributes.remove(name);
            } else {
                draft.attributes.put(name, pick(COLOURS, random));
            }
        } else if (dice < 97) {
            draft.category = pick(CATEGORIES, random);
        } else {
            draft.active = !draft.active;
        }
        return new CatalogChange.Put(draft.product());
    }

    private Product launch(long number, Random random) {
        var attributes = new TreeMap<String, String>();
        for (var name : ATTRIBUTES) {
            if (random.nextBoolean()) {
                attributes.put(name, pick(COLOURS, random));
            }
        }
        return new Product(
                skuOf(number),
                number,
                title(random),
                random.nextInt(4) == 0 ? null : description(random),
                99 + random.nextInt(200_000),
                10 + random.nextInt(40_000),
                pick(CATEGORIES, random),
                random.nextInt(500),
                attributes,
                random.nextInt(20) > 0);
    }

    private static String title(Random random) {
        return pick(LOOKS, random) + " " + pick(THINGS, random);
    }

    private static String description(Random random) {
        var text = new StringBuilder("A ").append(title(random));
        for (int sentence = random.nextInt(6); sentence > 0; sentence--) {
            text.append("; goes with the ").append(title(random)).append(" in ").append(pick(COLOURS, random));
        }
        return text.append('.').toString();
    }

    private static <T> T pick(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    private static String sku(long product) {
        var digits = Long.toString(product);
        return "P-" + "0".repeat(Math.max(0, 6 - digits.length())) + digits;
    }

    /** One per change and purpose. {@code Random}, since its numbers are specified: the same on every JDK. */
    private Random random(long number, int purpose) {
        // Neighbouring seeds give that generator neighbouring first numbers, so spread them (finaliser of MurmurHash3).
        long bits = (seed * 31 + purpose) * 0x9E3779B97F4A7C15L + number;
        bits = (bits ^ (bits >>> 33)) * 0xFF51AFD7ED558CCDL;
        bits = (bits ^ (bits >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return new Random(bits ^ (bits >>> 33));
    }

    /** A product in the making. */
    private static final class Draft {
        private final String sku;
        private final long revision;
        private final int weightGrams;
        private final TreeMap<String, String> attributes;
        private String title;
        private @Nullable String description;
        private long priceCents;
        private List<String> category;
        private int stock;
        private boolean active;

        Draft(Product now, long revision) {
            this.sku = now.sku();
            this.revision = revision;
            this.weightGrams = now.weightGrams();
            this.attributes = new TreeMap<>(now.attributes());
            this.title = now.title();
            this.description = now.description();
            this.priceCents = now.priceCents();
            this.category = now.category();
            this.stock = now.stock();
            this.active = now.active();
        }

        Product product() {
            return new Product(
                    sku, revision, title, description, priceCents, weightGrams, category, stock, attributes, active);
        }
    }
}

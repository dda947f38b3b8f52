package dev.syncline.examples.catalog;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Map;

/** Puts articles into a shop until it is killed, and says the number of each once its transaction is done. */
final class ShopWriter {

    static final int ARTICLES = 500;

    private ShopWriter() {}

    public static void main(String[] arguments) throws Exception {
        try (var shop = Shop.open(Path.of(arguments[0]))) {
            for (long number = Long.parseLong(arguments[1]); ; number++) {
                var item = item(number);
                shop.transaction(rows -> rows.put(item));
                System.out.println(number);
            }
        }
    }

    static ShopItem item(long number) {
        return new ShopItem(
                "P-" + number % ARTICLES,
                number,
                "Lamp " + number,
                "Shines. ".repeat((int) (number % 50)),
                BigDecimal.valueOf(number, 2),
                BigDecimal.valueOf(number, 3),
                "Home/Lighting/" + number % 7,
                1,
                true,
                Map.of("number", "is " + number));
    }
}

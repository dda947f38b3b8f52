/**
 * A product catalogue kept in step with a shop: two databases that share neither names nor units nor structure.
 *
 * <pre>
 *  Catalog ──► Feed ──► Sync ──► ShopMappers ──► ShopSync ──► Shop
 *  (source)  publishes                            applies   (target)
 *     └──────────────────── Comparison ────────────────────────┘
 * </pre>
 *
 * Open {@link dev.syncline.examples.catalog.CatalogSync} first, then {@link dev.syncline.examples.catalog.ShopSync}.
 */
@NullMarked
package dev.syncline.examples.catalog;

import org.jspecify.annotations.NullMarked;

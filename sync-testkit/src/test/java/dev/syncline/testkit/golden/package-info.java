/** Data directories as releases left them, which every later build must go on with. Open {@link GoldenDirectoryTest} first. */
@NullMarked
package dev.syncline.testkit.golden;

import org.jspecify.annotations.NullMarked;

/** What an application tests its handlers with: an in-memory broker and fixtures that start real servers. */
@NullMarked
package dev.syncline.testkit;

import org.jspecify.annotations.NullMarked;

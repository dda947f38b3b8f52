/**
 * Puts the rooms together and runs them.
 *
 * <pre>
 * Building       finds all that is wrong with what the application gave, and makes a Blueprint of it
 * EngineStart    starts what the Blueprint says, each part after those that it needs
 *   ├─ OutboxOpening, BrokerChecks
 *   ├─ FormerLocals, FormerParking   what earlier runs left where nobody would look for it any more
 *   └─ Flows     a Flow per handler and broker, with what it remembers (HandlerStores)
 * Engine         what runs until close; HealthReport and Quiet tell of it
 *   └─ Housekeeping
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.assembly;

import org.jspecify.annotations.NullMarked;

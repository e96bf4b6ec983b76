/// Puts the runtime together and starts and stops it with the service.
@NullMarked
package dev.sluice.runtime.wiring;

import org.jspecify.annotations.NullMarked;

/// Observe, decide, execute for one Application, and the ports that the adapters implement.
@NullMarked
package dev.sluice.sync.app;

import org.jspecify.annotations.NullMarked;

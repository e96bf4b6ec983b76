/// Events from the bus, taken as hints.
@NullMarked
package dev.sluice.router.adapter.kafka;

import org.jspecify.annotations.NullMarked;

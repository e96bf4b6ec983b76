/// Tests of ownership and delivery without a broker.
@NullMarked
package dev.sluice.runtime.kafka;

import org.jspecify.annotations.NullMarked;

/// Observe, decide, execute: reads one Rollout's routing afresh, lets the core decide the next
/// write, carries it out, reads back, and records the evidence. Ports are interfaces named by
/// role.
@NullMarked
package dev.sluice.router.app;

import org.jspecify.annotations.NullMarked;

/// The REST API on what is running now; what is over is the journal's.
@NullMarked
package dev.sluice.rollout.adapter.rest;

import org.jspecify.annotations.NullMarked;

/// The parts of the stack as containers, for machines with Docker; only with `-Pcontainers`.
@NullMarked
package dev.sluice.testkit.containers;

import org.jspecify.annotations.NullMarked;

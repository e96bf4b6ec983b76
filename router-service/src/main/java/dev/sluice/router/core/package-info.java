/// The pure part: plan, situation, the next safe write, evidence. No I/O, clock or logger. Objects
/// of the cluster are carried as JSON trees, because most of their content is not ours to model.
@NullMarked
package dev.sluice.router.core;

import org.jspecify.annotations.NullMarked;

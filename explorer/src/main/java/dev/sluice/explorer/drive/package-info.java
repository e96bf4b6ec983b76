/// Drives the real decision cores: who reads what and when, and one write per step. What a broken
/// variant leaves out, it leaves out here, never in the product.
@NullMarked
package dev.sluice.explorer.drive;

import org.jspecify.annotations.NullMarked;

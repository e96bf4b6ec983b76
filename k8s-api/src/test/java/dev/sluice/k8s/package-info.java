/// What the generated models promise: no field of a CRD is missing and nothing of an object gets
// lost.
@NullMarked
package dev.sluice.k8s;

import org.jspecify.annotations.NullMarked;

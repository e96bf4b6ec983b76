/// The JSONPath dialect of Kubernetes tools (`{$.a[0].b}`), for web metrics: pure and bounded.
@NullMarked
package dev.sluice.analysis.core.jsonpath;

import org.jspecify.annotations.NullMarked;

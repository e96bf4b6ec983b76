/// The expression language of success and failure conditions: an own implementation of the part of
/// expr-lang that a metric can use, total and bounded (G12). Read `Expression` first, then `Lexer`,
/// `Parser`, `Node`, `TypeCheck`, `Evaluator`, `Builtins`. A recorded run of the original over our
/// own inputs (`tools/oracle/expr`) keeps it honest.
@NullMarked
package dev.sluice.analysis.core.expr;

import org.jspecify.annotations.NullMarked;

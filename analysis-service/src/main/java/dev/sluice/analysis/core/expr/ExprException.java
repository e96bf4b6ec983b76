package dev.sluice.analysis.core.expr;

/// The only exception that parsing or evaluating an expression throws: what is wrong, and where.
public final class ExprException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int position;

    ExprException(String message, int position) {
        super(message);
        this.position = position;
    }

    /// Offset of the fault in the expression's text, counted in UTF-16 units from 0.
    public int position() {
        return position;
    }
}

package dev.sluice.runtime.postgres;

import io.vertx.pgclient.PgException;

/// PostgreSQL answered, and refuses the statement for what it says: trying again does not help.
public final class StatementRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StatementRefusedException(PgException answer, Throwable cause) {
        super(answer.getSqlState() + ": " + answer.getErrorMessage(), cause);
    }
}

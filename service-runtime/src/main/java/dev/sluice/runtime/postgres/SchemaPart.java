package dev.sluice.runtime.postgres;

/// Tables that a service needs beside outbox and inbox, as a CDI bean. Carried out whole at the
/// first contact of every process with the database, so every statement must be safe to repeat
/// (`CREATE TABLE IF NOT EXISTS`, `CREATE OR REPLACE`, `ALTER TABLE … ADD COLUMN IF NOT EXISTS`).
public interface SchemaPart {

    /// SQL statements; unqualified names are in the service's schema.
    String sql();
}

package dev.sluice.rollout.journal;

import dev.sluice.runtime.postgres.SchemaPart;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The journal's tables.
@ApplicationScoped
class JournalSchema implements SchemaPart {

    @Override
    public String sql() {
        try (InputStream in = JournalSchema.class.getResourceAsStream("journal.sql")) {
            if (in == null) {
                throw new IllegalStateException("resource journal.sql is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

CREATE TABLE IF NOT EXISTS journal_release (
    uid          text   NOT NULL,
    attempt      bigint NOT NULL,
    cluster      text   NOT NULL DEFAULT '',
    namespace    text   NOT NULL DEFAULT '',
    workload     text   NOT NULL DEFAULT '',
    strategy     text,
    from_hash    text,
    to_hash      text,
    images       text,
    repository   text,
    commit_id    text,
    application  text,
    actor        text,
    phase        text   NOT NULL DEFAULT 'Progressing',
    reason       text,
    phase_at     timestamptz NOT NULL DEFAULT '-infinity',
    phase_seq    bigint NOT NULL DEFAULT 0,
    started_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    PRIMARY KEY (uid, attempt)
);
CREATE INDEX IF NOT EXISTS journal_release_started ON journal_release (started_at DESC);
CREATE INDEX IF NOT EXISTS journal_release_name ON journal_release (namespace, workload, started_at DESC);

CREATE TABLE IF NOT EXISTS journal_entry (
    id          bigserial PRIMARY KEY,
    source      text   NOT NULL,
    event_id    text   NOT NULL,
    uid         text   NOT NULL,
    attempt     bigint NOT NULL,
    application text   NOT NULL,
    commit_id   text   NOT NULL,
    type        text   NOT NULL,
    at          timestamptz NOT NULL,
    seq         bigint NOT NULL,
    summary     text   NOT NULL,
    actor       text   NOT NULL,
    data        text   NOT NULL,
    UNIQUE (source, event_id, uid)
);
CREATE INDEX IF NOT EXISTS journal_entry_uid ON journal_entry (uid, at, seq);
CREATE INDEX IF NOT EXISTS journal_entry_application ON journal_entry (application, commit_id) WHERE uid = '';

-- Adds entries and folds them into their releases. Each event counts once; the order in which events arrive makes
-- no difference, since the phase is that of the end, or else of the latest one by (time, sequence).
CREATE OR REPLACE FUNCTION journal_append(p_entries text) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    e jsonb;
    r jsonb;
    v_at timestamptz;
    v_added bigint := 0;
BEGIN
    FOR e IN SELECT x FROM jsonb_array_elements(CAST(p_entries AS jsonb)) WITH ORDINALITY AS t (x, n)
             ORDER BY x->>'uid', CAST(x->>'attempt' AS bigint), n LOOP
        v_at := CAST(e->>'at' AS timestamptz);
        INSERT INTO journal_entry (source, event_id, uid, attempt, application, commit_id, type, at, seq, summary, actor, data)
            VALUES (e->>'source', e->>'eventId', e->>'uid', CAST(e->>'attempt' AS bigint), e->>'application', e->>'commit',
                    e->>'type', v_at, CAST(e->>'sequence' AS bigint), e->>'summary', e->>'actor', e->>'data')
            ON CONFLICT DO NOTHING;
        CONTINUE WHEN NOT FOUND;
        v_added := v_added + 1;
        r := e->'release';
        CONTINUE WHEN r IS NULL OR jsonb_typeof(r) <> 'object';
        INSERT INTO journal_release AS j (uid, attempt, started_at)
            VALUES (e->>'uid', CAST(e->>'attempt' AS bigint), v_at)
            ON CONFLICT (uid, attempt) DO NOTHING;
        UPDATE journal_release j SET
            cluster = r->>'cluster', namespace = r->>'namespace', workload = r->>'workload',
            strategy = coalesce(r->>'strategy', j.strategy), from_hash = coalesce(r->>'fromHash', j.from_hash),
            to_hash = coalesce(r->>'toHash', j.to_hash), images = coalesce(r->>'images', j.images),
            repository = coalesce(r->>'repository', j.repository), commit_id = coalesce(r->>'commit', j.commit_id),
            application = coalesce(r->>'application', j.application), actor = coalesce(r->>'actor', j.actor),
            started_at = least(j.started_at, v_at)
            WHERE j.uid = e->>'uid' AND j.attempt = CAST(e->>'attempt' AS bigint);
        CONTINUE WHEN r->>'phase' IS NULL;
        UPDATE journal_release j SET
            phase = r->>'phase', reason = r->>'reason', phase_at = v_at, phase_seq = CAST(e->>'sequence' AS bigint),
            finished_at = CASE WHEN r->>'phase' IN ('Completed', 'Aborted') THEN v_at END
            WHERE j.uid = e->>'uid' AND j.attempt = CAST(e->>'attempt' AS bigint)
              -- What follows an end, such as the clean-up of routing, does not reopen the attempt.
              AND (r->>'phase' IN ('Completed', 'Aborted')
                   OR (j.finished_at IS NULL AND (j.phase_at, j.phase_seq) <= (v_at, CAST(e->>'sequence' AS bigint))));
    END LOOP;
    RETURN v_added;
END $body$;

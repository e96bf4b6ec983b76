CREATE TABLE IF NOT EXISTS outbox (
    id           bigserial PRIMARY KEY,
    source       text        NOT NULL,
    event_id     text        NOT NULL,
    type         text        NOT NULL,
    event_time   timestamptz NOT NULL,
    topic        text        NOT NULL,
    key          text        NOT NULL,
    seq          bigint      NOT NULL,
    headers      text        NOT NULL,
    payload      text        NOT NULL,
    owner        text,
    lease_until  timestamptz NOT NULL DEFAULT '-infinity',
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempted_at timestamptz,
    published_at timestamptz,
    UNIQUE (source, event_id)
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (key, seq) WHERE published_at IS NULL;
CREATE INDEX IF NOT EXISTS outbox_prunable ON outbox (published_at) WHERE payload <> '';

-- The last number given to each key. Its row is also the lock under which facts of a key are added.
CREATE TABLE IF NOT EXISTS outbox_sequence (
    key  text PRIMARY KEY,
    last bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS inbox (
    consumer   text        NOT NULL,
    source     text        NOT NULL,
    event_id   text        NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, source, event_id)
);
CREATE INDEX IF NOT EXISTS inbox_handled ON inbox (handled_at);

-- Adds the facts that are missing. A fact may be sent by its owner at once unless an earlier one of its key waits
-- under somebody else's lease or under none: then it waits too, for the next sweep.
CREATE OR REPLACE FUNCTION outbox_append(p_owner text, p_facts text)
RETURNS TABLE (fact text, row_id bigint, row_seq bigint, sendable boolean) LANGUAGE plpgsql AS $body$
DECLARE
    f jsonb;
    v_key text;
BEGIN
    FOR v_key IN SELECT DISTINCT e->>'key' FROM jsonb_array_elements(CAST(p_facts AS jsonb)) e ORDER BY 1 LOOP
        INSERT INTO outbox_sequence AS s (key, last) VALUES (v_key, 0)
            ON CONFLICT (key) DO UPDATE SET last = s.last;
    END LOOP;
    FOR f IN SELECT e FROM jsonb_array_elements(CAST(p_facts AS jsonb)) WITH ORDINALITY AS t (e, n) ORDER BY n LOOP
        CONTINUE WHEN EXISTS (
            SELECT 1 FROM outbox o WHERE o.source = f->>'source' AND o.event_id = f->>'id');
        sendable := NOT EXISTS (
            SELECT 1 FROM outbox o WHERE o.key = f->>'key' AND o.published_at IS NULL
                AND (o.owner IS DISTINCT FROM p_owner OR o.lease_until <= clock_timestamp()));
        UPDATE outbox_sequence SET last = last + 1 WHERE key = f->>'key' RETURNING last INTO row_seq;
        INSERT INTO outbox (source, event_id, type, event_time, topic, key, seq, headers, payload,
                            owner, lease_until, attempted_at)
            VALUES (f->>'source', f->>'id', f->>'type', CAST(f->>'time' AS timestamptz), f->>'topic', f->>'key', row_seq,
                    f->>'headers', f->>'payload',
                    CASE WHEN sendable THEN p_owner END,
                    CASE WHEN sendable THEN clock_timestamp() + interval '30 seconds' ELSE '-infinity' END,
                    CASE WHEN sendable THEN clock_timestamp() END)
            RETURNING id INTO row_id;
        fact := (f->>'source') || '|' || (f->>'id');
        RETURN NEXT;
    END LOOP;
END $body$;

-- Adds facts that were published while this database was down, under the number that they were sent with.
CREATE OR REPLACE FUNCTION outbox_append_published(p_facts text) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    f jsonb;
    v_seq bigint;
    v_count bigint := 0;
BEGIN
    FOR f IN SELECT e FROM jsonb_array_elements(CAST(p_facts AS jsonb)) WITH ORDINALITY AS t (e, n)
             ORDER BY e->>'key', n LOOP
        v_seq := CAST(f->>'sequence' AS bigint);
        INSERT INTO outbox_sequence AS s (key, last) VALUES (f->>'key', greatest(v_seq, 1))
            ON CONFLICT (key) DO UPDATE
            SET last = CASE WHEN v_seq = 0 THEN s.last + 1 ELSE greatest(s.last, v_seq) END
            RETURNING last INTO v_seq;
        INSERT INTO outbox (source, event_id, type, event_time, topic, key, seq, headers, payload, published_at)
            VALUES (f->>'source', f->>'id', f->>'type', CAST(f->>'time' AS timestamptz), f->>'topic', f->>'key', v_seq,
                    f->>'headers', f->>'payload', clock_timestamp())
            ON CONFLICT (source, event_id) DO UPDATE SET published_at = clock_timestamp();
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END $body$;

-- Leases whole keys none of whose waiting facts is under a lease. One replica at a time, so that each statement
-- sees what the last claim did.
CREATE OR REPLACE FUNCTION outbox_claim(p_owner text, p_limit integer)
RETURNS TABLE (row_id bigint, row_seq bigint, attempted bigint, f_source text, f_id text, f_type text, f_time bigint,
               f_topic text, f_key text, f_headers text, f_payload text) LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox_claim')) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH keys AS (
        SELECT o.key FROM outbox o WHERE o.published_at IS NULL
        GROUP BY o.key HAVING max(o.lease_until) <= clock_timestamp() LIMIT p_limit
    ), before AS (
        SELECT o.id, o.attempted_at FROM outbox o JOIN keys USING (key) WHERE o.published_at IS NULL
    ), taken AS (
        UPDATE outbox o SET owner = p_owner, lease_until = clock_timestamp() + interval '30 seconds',
                            attempted_at = clock_timestamp()
        FROM before b WHERE o.id = b.id AND o.published_at IS NULL
        RETURNING o.id, o.seq, CAST(extract(epoch FROM b.attempted_at) * 1000 AS bigint) AS was, o.source, o.event_id,
                  o.type, CAST(extract(epoch FROM o.event_time) * 1000 AS bigint) AS at, o.topic, o.key, o.headers, o.payload
    )
    SELECT * FROM taken t ORDER BY t.key, t.seq;
END $body$;

"""Schema ``ledger``: the event table, its head, the only way to append, and triggers that refuse change (DESIGN §5)."""

from typing import Any

from django.conf import settings
from django.db import migrations

OWNER = "calypso_owner"

SCHEMA = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') THEN CREATE ROLE {owner} NOLOGIN; END IF;
END $$;
CREATE SCHEMA ledger AUTHORIZATION {owner};
SET LOCAL ROLE {owner};

CREATE TABLE ledger.event (
    position       bigint      PRIMARY KEY,
    event_id       uuid        NOT NULL UNIQUE,
    stream         uuid        NOT NULL,
    version        bigint      NOT NULL,
    type           text        NOT NULL,
    kind           text        NOT NULL CHECK (kind IN ('configuration', 'operation', 'observation', 'security')),
    recorded_at    timestamptz NOT NULL,
    actor          text        NOT NULL,
    auth           text        NOT NULL,
    source         text        NOT NULL,
    reason         text        NOT NULL,
    operation_id   uuid,
    correlation_id uuid,
    causation_id   uuid,
    keys           text[]      NOT NULL,
    state          bytea       NOT NULL,
    leaf           bytea       NOT NULL,
    CONSTRAINT event_stream_version UNIQUE (stream, version)
);
CREATE INDEX event_type ON ledger.event (type, position);
CREATE INDEX event_actor ON ledger.event (actor, position);
CREATE INDEX event_operation ON ledger.event (operation_id, position) WHERE operation_id IS NOT NULL;
CREATE INDEX event_recorded_at ON ledger.event USING brin (recorded_at);
CREATE INDEX event_keys ON ledger.event USING gin (keys);

-- One row: the size of the tree and the peaks of its compact range, largest first.
CREATE TABLE ledger.head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    size     bigint  NOT NULL,
    peaks    bytea[] NOT NULL
) WITH (fillfactor = 10);
INSERT INTO ledger.head (size, peaks) VALUES (0, '{{}}');
"""

GUARDS = """
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on ledger.% is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION ledger.only_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size <= OLD.size THEN
        RAISE EXCEPTION 'the ledger only grows: size % to % is refused', OLD.size, NEW.size
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_row_change BEFORE UPDATE OR DELETE ON ledger.event
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER refuse_row_delete BEFORE DELETE ON ledger.head
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER only_forward BEFORE UPDATE ON ledger.head
    FOR EACH ROW EXECUTE FUNCTION ledger.only_forward();
ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER refuse_row_change;
ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER refuse_row_delete;
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER only_forward;
"""

# The entry's encoding is that of calypso.kernel.ledger.encode; the constant 1819043144 is "ledg" read as a number.
# Versions may be NULL: then the stream's next one is taken. Keys of one event are joined by U+001F.
APPEND = r"""
CREATE FUNCTION ledger.field(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(int4send(length(value)) || value, int4send(-1))
$$;

CREATE FUNCTION ledger.append(
    p_event_ids uuid[], p_streams uuid[], p_versions bigint[], p_types text[], p_kinds text[], p_keys text[],
    p_states bytea[], p_actor text, p_auth text, p_source text, p_reason text,
    p_operation uuid, p_correlation uuid, p_causation uuid
) RETURNS TABLE (r_position bigint, r_version bigint, r_recorded_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    n bigint; k int; hashes bytea[]; node bytea; remaining bigint; now_ timestamptz; time_ bytea; who bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(1819043144);
    SELECT size, peaks, cardinality(peaks) INTO STRICT n, hashes, k FROM head;
    now_ := clock_timestamp();
    r_recorded_at := now_;
    time_ := int8send((extract(epoch FROM now_) * 1000000)::bigint);
    who := field(convert_to(p_actor, 'UTF8')) || field(convert_to(p_auth, 'UTF8'))
        || field(convert_to(p_source, 'UTF8')) || field(convert_to(p_reason, 'UTF8'))
        || field(uuid_send(p_operation)) || field(uuid_send(p_correlation)) || field(uuid_send(p_causation));
    FOR r_position, r_version, node IN
        INSERT INTO event AS made (position, event_id, stream, version, type, kind, recorded_at, actor, auth, source,
                                   reason, operation_id, correlation_id, causation_id, keys, state, leaf)
            SELECT n + o, e, s, v, t, kd, now_, p_actor, p_auth, p_source,
                   p_reason, p_operation, p_correlation, p_causation, string_to_array(ks, E'\x1f'), st,
                   sha256('\x00'::bytea || 'calypso-event-v1'::bytea || int8send(n + o) || uuid_send(e) || uuid_send(s)
                       || int8send(v) || field(convert_to(t, 'UTF8')) || field(convert_to(kd, 'UTF8')) || time_ || who
                       || field(convert_to(ks, 'UTF8')) || field(st))
            FROM (SELECT u.*, coalesce(given, coalesce((SELECT max(version) FROM event WHERE stream = s), 0)
                                              + row_number() OVER (PARTITION BY s ORDER BY o)) AS v
                  FROM unnest(p_event_ids, p_streams, p_versions, p_types, p_kinds, p_keys, p_states)
                       WITH ORDINALITY AS u(e, s, given, t, kd, ks, st, o)) AS numbered
            ORDER BY o
            RETURNING made.position, made.version, made.leaf
    LOOP
        RETURN NEXT;
        remaining := r_position - 1;
        WHILE remaining & 1 = 1 LOOP
            node := sha256('\x01'::bytea || hashes[k] || node);
            k := k - 1;
            remaining := remaining >> 1;
        END LOOP;
        k := k + 1;
        hashes[k] := node;
    END LOOP;
    UPDATE head SET size = r_position, peaks = hashes[1:k];
    PERFORM pg_notify('calypso_ledger', r_position::text);
END $$;
"""

GRANTS = """
RESET ROLE;
REVOKE ALL ON FUNCTION ledger.append FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO {app};
GRANT SELECT ON ledger.event, ledger.head TO {app};
GRANT EXECUTE ON FUNCTION ledger.append TO {app};
"""


def create(apps: Any, schema_editor: Any) -> None:
    app = schema_editor.quote_name(settings.CALYPSO_APPLICATION_ROLE)
    with schema_editor.connection.cursor() as cursor:
        for sql in (SCHEMA.format(owner=OWNER), GUARDS, APPEND, GRANTS.format(app=app)):
            cursor.execute(sql)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(create, elidable=False)]

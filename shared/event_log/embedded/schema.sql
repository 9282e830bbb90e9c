-- The tables of the embedded log. Every statement may be repeated.

CREATE TABLE IF NOT EXISTS topics (
    name text PRIMARY KEY,
    retention interval NOT NULL
);

CREATE TABLE IF NOT EXISTS partitions (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL REFERENCES topics,
    number integer NOT NULL,
    first_offset bigint NOT NULL DEFAULT 0,
    next_offset bigint NOT NULL DEFAULT 0,
    UNIQUE (topic, number)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS records (
    partition integer NOT NULL,
    log_offset bigint NOT NULL,
    appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    key bytea,
    value bytea,
    headers text NOT NULL,
    PRIMARY KEY (partition, log_offset)
);

CREATE TABLE IF NOT EXISTS members (
    group_name text NOT NULL,
    id uuid NOT NULL,
    topics text[] NOT NULL,
    beat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (group_name, id)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS progress (
    group_name text NOT NULL,
    partition integer NOT NULL REFERENCES partitions,
    committed bigint,
    owner uuid,
    epoch bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (group_name, partition)
) WITH (fillfactor = 50);

CREATE OR REPLACE FUNCTION create_topic(wanted text, count integer, kept interval) RETURNS void LANGUAGE sql AS $$
    INSERT INTO topics VALUES (wanted, kept) ON CONFLICT DO NOTHING;
    INSERT INTO partitions (topic, number)
        SELECT wanted, n FROM generate_series(0, count - 1) n
        WHERE NOT EXISTS (SELECT FROM partitions WHERE topic = wanted)
        ON CONFLICT DO NOTHING;
$$;

-- The row locks, taken in one order by everyone and held until the commit, are what makes offsets visible in order.
CREATE OR REPLACE FUNCTION append(places integer[], keys bytea[], bodies bytea[], heads text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM partitions WHERE id = ANY (places) ORDER BY id FOR UPDATE;
    WITH incoming AS (
        SELECT place, key, value, headers, row_number() OVER (PARTITION BY place ORDER BY nth) - 1 AS step
        FROM unnest(places, keys, bodies, heads) WITH ORDINALITY AS t (place, key, value, headers, nth)
    ), grown AS (
        UPDATE partitions SET next_offset = next_offset + counted.n
        FROM (SELECT place, count(*) AS n FROM incoming GROUP BY place) counted
        WHERE id = counted.place
        RETURNING id, next_offset - counted.n AS base
    )
    INSERT INTO records (partition, log_offset, key, value, headers)
        SELECT id, base + step, key, value, headers FROM incoming JOIN grown ON id = place;
END $$;

-- Members that stopped beating are gone, and what they had is free.
CREATE OR REPLACE FUNCTION evict(silent_for interval) RETURNS SETOF text LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM members WHERE beat_at < clock_timestamp() - silent_for RETURNING group_name, id
    ), freed AS (
        UPDATE progress SET owner = NULL FROM gone
        WHERE progress.group_name = gone.group_name AND owner = gone.id
    )
    SELECT DISTINCT group_name FROM gone;
$$;

CREATE OR REPLACE FUNCTION forget_old_records() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT id, retention FROM partitions JOIN topics ON name = topic ORDER BY id LOOP
        DELETE FROM records WHERE partition = part.id AND appended_at < clock_timestamp() - part.retention
            AND log_offset < (
                SELECT max(log_offset) + 1 FROM (
                    SELECT log_offset FROM records WHERE partition = part.id ORDER BY log_offset LIMIT 1000
                ) oldest
            );
        UPDATE partitions SET first_offset = coalesce(
            (SELECT min(log_offset) FROM records WHERE partition = part.id), next_offset
        ) WHERE id = part.id AND first_offset < coalesce(
            (SELECT min(log_offset) FROM records WHERE partition = part.id), next_offset
        );
    END LOOP;
END $$;

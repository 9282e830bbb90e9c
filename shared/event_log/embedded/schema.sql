-- The schema of the embedded event log. Every statement may be repeated.

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
    heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
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

CREATE OR REPLACE FUNCTION create_topic(topic_name text, partition_count integer, retention_time interval)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO topics VALUES (topic_name, retention_time) ON CONFLICT DO NOTHING;
    INSERT INTO partitions (topic, number)
        SELECT topic_name, n FROM generate_series(0, partition_count - 1) n
        WHERE NOT EXISTS (SELECT FROM partitions WHERE topic = topic_name)
        ON CONFLICT DO NOTHING;
$$;

-- The row locks, taken by every writer in the same order and held until the commit, make offsets visible in order.
CREATE OR REPLACE FUNCTION append(
    partition_ids integer[], message_keys bytea[], message_values bytea[], message_headers text[]
)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM partitions WHERE id = ANY (partition_ids) ORDER BY id FOR UPDATE;
    WITH messages AS (
        SELECT partition_id, key, value, headers, row_number() OVER (PARTITION BY partition_id ORDER BY nth) - 1 AS step
        FROM unnest(partition_ids, message_keys, message_values, message_headers) WITH ORDINALITY
            AS t (partition_id, key, value, headers, nth)
    ), extended AS (
        UPDATE partitions SET next_offset = next_offset + counts.n
        FROM (SELECT partition_id, count(*) AS n FROM messages GROUP BY partition_id) counts
        WHERE id = counts.partition_id
        RETURNING id, next_offset - counts.n AS base
    )
    INSERT INTO records (partition, log_offset, key, value, headers)
        SELECT id, base + step, key, value, headers FROM messages JOIN extended ON id = partition_id;
END $$;

-- Removes the members whose session timed out, frees their partitions, and returns the groups concerned.
CREATE OR REPLACE FUNCTION evict(session_timeout interval) RETURNS SETOF text LANGUAGE sql AS $$
    WITH evicted AS (
        DELETE FROM members WHERE heartbeat_at < clock_timestamp() - session_timeout RETURNING group_name, id
    ), freed AS (
        UPDATE progress SET owner = NULL FROM evicted
        WHERE progress.group_name = evicted.group_name AND owner = evicted.id
    )
    SELECT DISTINCT group_name FROM evicted;
$$;

CREATE OR REPLACE FUNCTION delete_expired_records() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    topic_partition record;
BEGIN
    FOR topic_partition IN SELECT id, retention FROM partitions JOIN topics ON name = topic ORDER BY id LOOP
        DELETE FROM records
        WHERE partition = topic_partition.id AND appended_at < clock_timestamp() - topic_partition.retention
            AND log_offset < (
                SELECT max(log_offset) + 1 FROM (
                    SELECT log_offset FROM records WHERE partition = topic_partition.id ORDER BY log_offset LIMIT 1000
                ) oldest
            );
        UPDATE partitions SET first_offset = coalesce(
            (SELECT min(log_offset) FROM records WHERE partition = topic_partition.id), next_offset
        ) WHERE id = topic_partition.id AND first_offset < coalesce(
            (SELECT min(log_offset) FROM records WHERE partition = topic_partition.id), next_offset
        );
    END LOOP;
END $$;

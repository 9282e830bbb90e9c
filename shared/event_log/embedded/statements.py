"""The SQL statements of consumer groups."""

JOIN_GROUP = """
    INSERT INTO members VALUES ($1, $2, $3)
    ON CONFLICT (group_name, id) DO UPDATE SET heartbeat_at = clock_timestamp()
"""
HEARTBEAT = "UPDATE members SET heartbeat_at = clock_timestamp() WHERE group_name = $1 AND id = $2 RETURNING true"
LEAVE_GROUP = """
    WITH departed AS (DELETE FROM members WHERE group_name = $1 AND id = $2)
    UPDATE progress SET owner = NULL WHERE group_name = $1 AND owner = $2
"""
FETCH = """
    SELECT partition_id, log_offset, key, value, headers
    FROM unnest($1::int[], $2::bigint[]) AS positions (partition_id, start)
    JOIN partitions ON id = partition_id AND next_offset > start
    CROSS JOIN LATERAL (
        SELECT log_offset, key, value, headers FROM records
        WHERE partition = partition_id AND log_offset >= start ORDER BY log_offset LIMIT $3
    ) AS unread
"""
ASSIGN = """
    UPDATE progress SET owner = $2, epoch = epoch + 1
    WHERE group_name = $1 AND partition = ANY($3) AND owner IS NULL
    RETURNING partition, epoch, coalesce(committed, 0)
"""
RELEASE = "UPDATE progress SET owner = NULL WHERE group_name = $1 AND owner = $2 AND partition = ANY($3)"
COMMIT = """
    UPDATE progress SET committed = next_offset
    FROM unnest($3::int[], $4::bigint[], $5::bigint[]) AS processed (id, next_offset, member_epoch)
    WHERE group_name = $1 AND owner = $2 AND partition = id AND epoch = member_epoch
    RETURNING partition
"""

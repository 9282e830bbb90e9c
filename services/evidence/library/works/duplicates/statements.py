"""SQL of the comparison that SQLAlchemy would build too slowly, or not at all.

Arrays of thousands are sent as text: SQLAlchemy and asyncpg look at each value of an array several times.
"""

from sqlalchemy import ARRAY, Uuid, bindparam, text

from services.evidence.library.works.duplicates.blocking_keys import MAX_BLOCK_WORKS

# One more than the limit of each key, to tell a block that is too large from one that just fits; in the order
# of the index, where PostgreSQL stops, and would otherwise read a block of thousands first.
BLOCKS = text(
    f"""
    SELECT requested.key, block.items
    FROM unnest(CAST(CAST(:keys AS text) AS bigint[])) AS requested (key)
    CROSS JOIN LATERAL (
        SELECT array_agg(item_id) AS items FROM (
            SELECT item_id FROM duplicate_keys WHERE duplicate_keys.key = requested.key
            ORDER BY item_id LIMIT {MAX_BLOCK_WORKS + 1}
        ) first_items
    ) block
    WHERE cardinality(block.items) BETWEEN 2 AND {MAX_BLOCK_WORKS}
    """  # noqa: S608  the only value put in is a constant number
)

ADD_KEYS = text(
    "INSERT INTO duplicate_keys (key, item_id)"
    " SELECT * FROM unnest(CAST(CAST(:keys AS text) AS bigint[]), CAST(CAST(:items AS text) AS uuid[]))"
)

ADD_TITLES = text(
    "INSERT INTO duplicate_titles (item_id, title, identifiers) SELECT * FROM"
    " unnest(CAST(:items AS uuid[]), CAST(:titles AS text[]), CAST(:identifiers AS text[]))"
)

# One row of arrays: for each of thousands of short rows the driver and SQLAlchemy would cost more than the database.
TITLES = text(
    "SELECT array_agg(item_id) AS items, array_agg(title) AS titles, array_agg(identifiers) AS identifiers"
    " FROM duplicate_titles WHERE item_id = ANY(CAST(CAST(:items AS text) AS uuid[]))"
)

REOPEN_UNDONE = text(
    """
    UPDATE duplicate_pairs SET decision = NULL, merge_id = NULL
    FROM merges WHERE merges.id = duplicate_pairs.merge_id AND merges.status = 'undone'
        AND merges.id IN (SELECT merge_id FROM merged_items WHERE item_id = ANY(:items))
    RETURNING low_id, high_id
    """
).bindparams(bindparam("items", type_=ARRAY(Uuid)))

MERGED = text(
    """
    SELECT item.id AS item_id, item.merged_into AS survivor_id, merges.id AS merge_id
    FROM items item
    JOIN merged_items ON merged_items.item_id = item.id
    JOIN merges ON merges.id = merged_items.merge_id AND merges.status = 'standing'
    WHERE item.id = ANY(:items) AND item.status = 'merged' ORDER BY item.id
    """
).bindparams(bindparam("items", type_=ARRAY(Uuid)))

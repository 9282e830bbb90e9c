"""Datestamps: the SQL that gives every changed record a new one, so that an incremental harvest misses nothing.

The time is taken, and the batch committed, while nobody else assigns datestamps or responds with a list. So no record
can get a datestamp before the time of a response that did not show it, however late its change was committed; and each
batch is later than the one before, so that a list under way comes to new records at its end.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.oai.tables import ANY_TOPIC
from services.evidence.library.topics.queries import try_share_tree
from shared.persistence.database import Database

MAX_BATCH_CHANGES = 1_000

_HAS_CHANGES = "SELECT EXISTS (SELECT FROM oai_changes)"
_EXCLUSIVE_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('oai stamps'))")
_SHARED_LOCK = text("SELECT pg_advisory_xact_lock_shared(hashtext('oai stamps'))")
_ASSIGN = text(
    """
    WITH RECURSIVE now (at) AS MATERIALIZED (
        SELECT greatest(clock_timestamp(), (SELECT max(stamped_at) FROM oai_records) + interval '1 microsecond')
    ), nearby AS MATERIALIZED (
        SELECT id, min(position) OVER (PARTITION BY item_id) AS position
        FROM (
            SELECT id, item_id, row_number() OVER (ORDER BY id) AS position
            FROM (SELECT id, item_id FROM oai_changes ORDER BY id LIMIT 3 * :batch_size) first
        ) numbered
    ), consumed AS (
        -- An array, not a join: the changes come and go, so PostgreSQL may think that there are none.
        DELETE FROM oai_changes WHERE id = ANY(ARRAY(SELECT id FROM nearby WHERE position <= :batch_size))
        RETURNING item_id
    ), stamped AS (
        INSERT INTO oai_records AS existing (item_id, stamped_at, way_of_knowing, deleted, topics)
        SELECT item.id, now.at, item.way_of_knowing, item.status <> 'published',
            ARRAY(SELECT topic_id FROM filings WHERE filings.item_id = item.id ORDER BY topic_id)
        FROM now, (SELECT DISTINCT item_id FROM consumed) changed JOIN items item ON item.id = changed.item_id
        WHERE item.status = 'published' OR EXISTS (SELECT FROM oai_records former WHERE former.item_id = item.id)
        ORDER BY item.id
        ON CONFLICT (item_id) DO UPDATE SET stamped_at = excluded.stamped_at, deleted = excluded.deleted,
            topics = CASE WHEN excluded.deleted THEN existing.topics ELSE excluded.topics END
        RETURNING item_id, stamped_at, topics
    ), ancestors (topic_id, above) AS (
        SELECT DISTINCT topic_id, topic_id FROM stamped, unnest(topics) AS topic_id
        UNION
        SELECT ancestors.topic_id, topics.parent_id FROM ancestors JOIN topics ON topics.id = ancestors.above
        WHERE topics.parent_id IS NOT NULL
    ), memberships AS (
        SELECT DISTINCT ancestors.above AS topic_id, stamped.item_id, stamped.stamped_at
        FROM stamped CROSS JOIN unnest(stamped.topics) AS stamped_topic
        JOIN ancestors ON ancestors.topic_id = stamped_topic
        UNION ALL
        SELECT :any_topic, item_id, stamped_at FROM stamped WHERE topics <> '{}'
    ), removed AS (
        DELETE FROM oai_memberships member USING stamped
        WHERE member.item_id = stamped.item_id AND NOT EXISTS (
            SELECT FROM memberships
            WHERE memberships.topic_id = member.topic_id AND memberships.item_id = member.item_id
        )
    ), added AS (
        INSERT INTO oai_memberships (topic_id, item_id, stamped_at)
        SELECT topic_id, item_id, stamped_at FROM memberships
        ON CONFLICT (topic_id, item_id) DO UPDATE SET stamped_at = excluded.stamped_at
    )
    SELECT count(*) FROM consumed
    """
)


async def has_changes(database: Database) -> bool:
    """Return whether a record waits for a new datestamp."""
    return (await database.statements.read(_HAS_CHANGES))[0][0]


async def assign_datestamps(session: AsyncSession) -> int:
    """Give a batch of changed records one datestamp, later than every other. Returns how many changes it consumed.

    Other changes of these records that wait nearby are consumed too: an import adds two for each item that it
    publishes, one for its fields and one for its topics. Assigns none while a topic is being moved: the move has added
    changes for what was filed below the topic until then, and what is filed meanwhile would stay in the former sets.
    """
    if not await try_share_tree(session):
        return 0
    await session.execute(_EXCLUSIVE_LOCK)
    return await session.scalar(_ASSIGN, {"batch_size": MAX_BATCH_CHANGES, "any_topic": ANY_TOPIC}) or 0


async def hold_datestamps(session: AsyncSession) -> None:
    """Wait until no datestamps are being assigned, and let none be until the transaction ends."""
    await session.execute(_SHARED_LOCK)

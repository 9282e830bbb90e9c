"""Events about items, for the guides that cite them."""

from services.evidence.publications.cited_items.handlers import create_consumer
from services.evidence.publications.guides.citations.commands import flag_citations_of

consumer = create_consumer(flag_citations_of)

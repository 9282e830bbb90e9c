"""The queue of evidence requests as the API returns it."""

from typing import Self

from pydantic import Field

from services.evidence.publications.cited_items.etags import etag_of
from services.evidence.publications.requests.queries import RequestSnapshot
from services.evidence.publications.requests.views import EvidenceRequestView, UnplacedRequests
from shared.http.pagination import Page


class QueuedRequestView(EvidenceRequestView):
    """A request of the queue, with its ETag."""

    etag: str = Field(description="What `/v1/evidence-requests/{id}` has as its ETag, for `If-Match` of a command.")

    @classmethod
    def of_snapshot(cls, snapshot: RequestSnapshot) -> Self:
        """Return the view, for staff."""
        view = EvidenceRequestView.of(snapshot, staff=True)
        return cls(**dict(view), etag=etag_of(view.model_dump_json().encode(), snapshot.request))


class RequestQueuePage(UnplacedRequests, Page[QueuedRequestView]):
    """One page of the queue. Not every request says where it is from."""

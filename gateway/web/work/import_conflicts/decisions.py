"""Several differences decided one after the other: each as it was shown, and of each what became of it."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from gateway.web.api_client import ApiRefusal, ApiResponse, PublicApi
from gateway.web.forms import Form
from gateway.web.idempotency_keys import idempotency_key

PREFIX: Final = "shown-"


class ShownConflict(NamedTuple):
    """A difference as it was shown: its ETag, its item, and a digest of both values."""

    id: str
    etag: str
    item_id: str
    digest: str


class Decided(NamedTuple):
    """What became of a difference; `reason`: why it was not decided."""

    id: str
    reason: str | None


def shown_value(response: ApiResponse) -> str:
    """Return what a hidden field holds of a difference: its ETag, its item, and a digest of both values."""
    conflict = response.document
    return f"{response.etag} {conflict['item_id']} {_digest(conflict)}"


def shown_from(form: Form) -> list[ShownConflict]:
    """Return what was shown, by the hidden fields of the form."""
    shown: list[ShownConflict] = []
    for name in form.values:
        if name.startswith(PREFIX):
            etag, _, rest = form.text(name).partition(" ")
            item_id, _, digest = rest.partition(" ")
            shown.append(ShownConflict(name.removeprefix(PREFIX), etag, item_id, digest))
    return shown


async def decide_all(api: PublicApi, form: Form, shown: Sequence[ShownConflict], value: str) -> list[Decided]:
    """Decide each as it was shown.

    A decision changes its item, and so the ETag of the next difference of that item: this one is read again, and
    decided where both values are still those that were shown.
    """
    changed_items: set[str] = set()
    results: list[Decided] = []
    for line in shown:
        try:
            await _decide(api, form, line, value, item_changed=line.item_id in changed_items)
        except ApiRefusal as error:
            results.append(Decided(line.id, error.detail))
        else:
            changed_items.add(line.item_id)
            results.append(Decided(line.id, None))
    return results


async def _decide(api: PublicApi, form: Form, line: ShownConflict, value: str, *, item_changed: bool) -> None:
    path, body = f"/v1/import-conflicts/{line.id}", {"value": value}
    key = idempotency_key(form, [line.id, value])
    try:
        await api.send("POST", f"{path}/decide", body, etag=line.etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.status != 412 or not item_changed:
            raise
        response = await api.read(path)
        if _digest(response.document) != line.digest:
            raise
        await api.send("POST", f"{path}/decide", body, etag=response.etag, idempotency_key=key)


def _digest(conflict: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps([conflict["ours"], conflict["record"]])).hexdigest()

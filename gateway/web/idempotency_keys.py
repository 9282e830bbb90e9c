"""Keys in a hidden field of a form, so that a second press of its button does nothing."""

import hashlib
from uuid import uuid4

import orjson

from gateway.web.forms import Form


def new_key() -> str:
    """Return the key of a form that is shown for the first time."""
    return uuid4().hex


def idempotency_key(form: Form, body: object) -> str:
    """Return the key of this change: the same for the same body of the same form.

    Whoever goes back and writes something else sends another change, which is not refused as a repeated key.
    """
    key = str(form.values.get("key") or "").encode()
    return hashlib.sha256(key + b"\n" + orjson.dumps(body)).hexdigest()

"""Refusals of a whole file of references."""

from shared.problems import Invalid


class UnknownFormat(Invalid):
    pointer = "/file"
    title = "This format cannot be read"
    detail = "{what} Save the references as RIS (most programs export it) and send that file."


class WrongFormat(Invalid):
    pointer = "/format"
    title = "This file is in another format"
    detail = (
        "You said that it is {requested}, but it looks like {detected}. Send it again without `format`, or as "
        "{detected}."
    )


class UnsafeFile(Invalid):
    pointer = "/file"
    title = "This file is not safe to read"
    detail = "{what} Export the references again from their source, and send that file."

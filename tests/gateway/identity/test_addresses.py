import pytest

from gateway.identity.addresses import NotAnAddress, NotPlainAddress, digest_of, normalise


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("jo@example.org", "jo@example.org"),
        ("  Jo.Smith@Example.ORG ", "jo.smith@example.org"),
        ("jo@example.org.", "jo@example.org"),
        ("\u00a0jo@example.org\u200b", "jo@example.org"),
        ("jo@bücher.example", "jo@xn--bcher-kva.example"),
        ("jo@straße.example", "jo@xn--strae-oqa.example"),
        ("jo@XN--BCHER-KVA.example", "jo@xn--bcher-kva.example"),
        ("jo+impact@example.co.uk", "jo+impact@example.co.uk"),
        ("jo\uff20example.org", "jo@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
    ],
)
def test_an_address_has_one_spelling_however_it_is_typed(typed: str, address: str) -> None:
    assert normalise(typed) == address
    assert normalise(address) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "jo",
        "jo@",
        "@example.org",
        "jo@example",
        "jo smith@example.org",
        "jo@exa mple.org",
        "jo@example.org, al@example.org",
        "jo@example.org\nBcc: al@example.org",
        "Jo <jo@example.org>",
        '"jo"@example.org',
        "jo@@example.org",
        "jo.@example.org",
        ".jo@example.org",
        "jo..smith@example.org",
        "jo@-example.org",
        "jo@127.0.0.1",
        "jo@[127.0.0.1]",
        "jo@example.org/path",
        "jo@user:password@example.org",
        "x" * 65 + "@example.org",
        "jo@" + "x" * 64 + ".org",
        "jo@" + "x." * 140 + "org",
        "jo\x00@example.org",
        "jo\u202e@example.org",
        "=?utf-8?q?victim?=@example.org",
        "\uff1d?utf-8?q?victim?=@example.org",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAddress):
        normalise(typed)


@pytest.mark.parametrize("typed", ["siân@example.cymru", "sia\u0302n@example.cymru", "straße@example.org"])
def test_letters_that_mail_servers_replace_are_refused(typed: str) -> None:
    with pytest.raises(NotPlainAddress):
        normalise(typed)


def test_the_hash_of_an_address_needs_the_key() -> None:
    assert digest_of("jo@example.org", "one key") == digest_of("jo@example.org", "one key")
    assert len({digest_of(address, key) for address in ("jo@a.org", "jo@b.org") for key in ("one key", "another")}) == 4

"""An editor brings a file in and corrects what was rejected: with and without script, at 400 % zoom, by keyboard."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.support.platform import Platform
from tests.verify.browser.test_tell import Visitor, person

__all__ = ["person"]

RIS = "TY  - JOUR\nTI  - A study of {}\nER  - \nTY  - JOUR\nAB  - No title\nPY  - 2020\nER  - \n"


def test_a_file_is_imported_and_what_was_rejected_is_corrected(
    person: Visitor, platform: Platform, tmp_path: Path
) -> None:
    page = person.page
    page.goto(platform.impact("link", "evidence-editor").split()[-1])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    for path in ("/staff/retractions", "/staff/harvests", "/staff/harvests/new", "/staff/imports"):
        assert person.visit.open(path) == 200
        person.look()
    person.press("Import the file")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Choose a file")
    person.look()
    file = tmp_path / "cyfeiriadau & gofal.ris"
    file.write_text(RIS.format(tmp_path.name))
    page.get_by_label("File of references").set_input_files(file)
    person.press("Import the file")
    assert re.fullmatch(r"/staff/imports/[0-9a-f-]{36}", urlsplit(page.url).path)
    person.look()
    _wait_for(person, "Finished")
    expect(page.locator("h1")).to_have_text(file.name)
    expect(page.get_by_role("figure")).to_contain_text("2 records read: 1 new, 0 already in the library, 1 rejected.")
    person.look()
    imported = page.url
    person.press("Every record")
    person.look()
    page.goto(imported)
    person.press("Rejected records")
    person.look()
    person.press("Correct it and send it again : record 2")
    person.look()
    text = page.get_by_label("The record as received")
    text.fill(text.input_value().replace("AB  - No title", f"TI  - Another of {tmp_path.name}"))
    person.press("Send it again")
    _wait_for(person, "is a new item now")
    person.look()
    page.goto(imported)
    person.press("Take this import back")
    expect(page.get_by_role("main")).to_contain_text("1 item that this import created")
    person.look()
    person.press("Yes, take it back")
    _wait_for(person, "1 item was withdrawn.")
    person.look()


def _wait_for(person: Visitor, text: str) -> None:
    """Wait until the page says so: by itself where a script runs, else by looking again."""
    main = person.page.get_by_role("main")
    for _ in range(40):
        if text in main.inner_text():
            return
        person.page.wait_for_timeout(500)
        again = main.get_by_role("link", name="Check again")
        if not person.script and again.count():
            again.first.click()
    expect(main).to_contain_text(text)

"""What is said of items: appraisals by two editors, other forms, other places, and what became of two studies."""

from deploy.demo.library import contents
from deploy.demo.library.contents import Entry
from deploy.demo.library.items import EDITOR, SECOND_EDITOR
from deploy.demo.library.planter import Planter, for_each, unless_done
from shared import clock


async def appraise(planter: Planter) -> None:
    """Have each item judged by both editors. Where they differ, settle what the file settles."""
    instruments = (await planter.clients[EDITOR].get("/v1/evidence/appraisals/instruments"))["items"]
    criteria = {row["code"]: [criterion["code"] for criterion in row["criteria"]] for row in instruments}

    async def judge(entry: Entry) -> None:
        appraisals = f"/v1/evidence/{planter.id_of(entry['item'])}/appraisals"
        await planter.post_unless_done(EDITOR, appraisals, {"instrument": entry["instrument"]})
        views = (await planter.clients[EDITOR].get(appraisals))["items"]
        address = f"{appraisals}/{next(view['id'] for view in views if view['instrument'] == entry['instrument'])}"
        for editor, words in ((EDITOR, entry["first"]), (SECOND_EDITOR, entry["second"])):
            judged = zip(criteria[entry["instrument"]], words.split(), strict=True)
            answers = [{"criterion": criterion, "answer": answer} for criterion, answer in judged]
            await planter.post_unless_done(editor, f"{address}/judgements", {"answers": answers})
        if "settled" in entry:
            settled = [{"criterion": code, **resolution} for code, resolution in entry["settled"].items()]
            await unless_done(planter.clients[SECOND_EDITOR].command(address, "resolve", {"resolutions": settled}))
            await unless_done(planter.clients[EDITOR].command(address, "accept"))

    await for_each(contents.entries("appraisals"), judge)


async def make_renditions(planter: Planter) -> None:
    async def make(entry: Entry) -> None:
        collection = "guides" if entry["of"].startswith("guide-") else "evidence"
        body = contents.without(entry, "of") | {"made_on": clock.today().isoformat(), "made_from_edition": 1}
        address = f"/v1/{collection}/{planter.id_of(entry['of'])}/renditions"
        await planter.post_unless_done(EDITOR, address, body)

    await for_each(contents.entries("renditions"), make)


async def judge_transfer(planter: Planter) -> None:
    async def judge(entry: Entry) -> None:
        address = f"/v1/evidence/{planter.id_of(entry['of'])}/transferability"
        if not (await planter.clients[EDITOR].get(address))["items"]:
            await planter.post(EDITOR, address, contents.without(entry, "of"))

    await for_each(contents.entries("transferability"), judge)


async def record_notices(planter: Planter) -> None:
    """Record that one study was retracted, and that a newer one has taken the place of another."""
    for name in ("retraction", "superseded"):
        notice = contents.document("notices")[name]
        path = f"/v1/evidence/{planter.id_of(notice['item'])}/retract"
        await planter.post_unless_done(EDITOR, path, contents.without(notice, "item"))


async def correct_summary(planter: Planter) -> None:
    """Correct the words of a study, so that its Easy Read is out of date."""
    corrected = contents.document("notices")["corrected"]
    address, summary = f"/v1/evidence/{planter.id_of(corrected['item'])}", contents.noted(corrected["summary"])
    editor = planter.clients[EDITOR]
    if (await editor.get(address))["summary"] != summary:
        await editor.patch(address, {"summary": summary})

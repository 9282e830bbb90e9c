"""People who register, claim, and change their bank details, and the officer who plans the meetings."""

from typing import Any
from uuid import UUID

from shared import clock
from shared.callers import Caller
from tests.faults.fleet import move_into_past
from tests.faults.money.stage import ENGAGEMENT_OFFICER, MEETING_MINUTES, SCHEME, Meeting, Stage, meeting_times, money

MAX_COMING_MEETINGS = 6


class Contributors:
    """One client that acts for several people in turn, each signed as themselves."""

    def __init__(self, stage: Stage, people: tuple[Caller, ...]) -> None:
        self.stage, self.client, self.people = stage, stage.client, people

    async def step(self) -> None:
        if self.stage.happens(0.15):
            await self._register()
        caller = self.stage.chance.choice(self.people)
        steps = [self._claim, self._correct, self._continue_draft, self._change_bank_details]
        await self.stage.chance.choices(steps, weights=(8, 3, 1, 1))[0](caller)

    async def _register(self) -> None:
        """Take places for most of the people at one of the meetings."""
        coming = [meeting for meeting in self.stage.meetings if meeting.is_open and not meeting.held]
        if coming:
            path = f"{self.stage.chance.choice(coming).path}/registrations"
            for caller in [caller for caller in self.people if self.stage.happens(0.7)]:
                await self.client.post(caller, path, {"access_needs": []}, service="engagement")

    async def _claim(self, caller: Caller) -> None:
        entitlements = await self.client.items(caller, "/v1/entitlements?limit=200")
        if not entitlements:
            return
        # Mostly what nothing was claimed of; at times another claim, which may ask for too much.
        fresh = [e for e in entitlements if e["remaining"]["pence"] and e["status"] == "granted"]
        entitlement = self.stage.chance.choice(entitlements if self.stage.happens(0.2) or not fresh else fresh)
        body = {"entitlement_id": entitlement["id"], "lines": self._lines(entitlement)}
        claim = await self.client.post(caller, "/v1/claims", body)
        if claim.accepted and self.stage.happens(0.9):
            await self._submit(caller, claim.body["id"], claim.etag)

    async def _submit(self, caller: Caller, claim_id: str, etag: str) -> None:
        response = await self.client.post(caller, f"/v1/claims/{claim_id}/submit", match=etag)
        if response.body.get("type", "").endswith("/payee-missing"):
            details = self.stage.new_account(caller)
            added = await self.client.post(caller, "/v1/payees", details)
            self.stage.keep_account(caller, details["account_number"], added)
            await self.client.post(caller, f"/v1/claims/{claim_id}/submit", match=etag)

    async def _correct(self, caller: Caller) -> None:
        """Lower a claim that was returned to what is left, and submit it again."""
        returned = await self.client.items(caller, "/v1/claims?status=returned&limit=200")
        if not returned:
            return
        path = f"/v1/claims/{self.stage.chance.choice(returned)['id']}"
        claim = await self.client.get(caller, path)
        entitlement = await self.client.get(caller, f"/v1/entitlements/{claim.body['entitlement_id']}")
        lines = self._lines(entitlement.body)
        changed = await self.client.change(caller, "PATCH", path, {"lines": lines}, match=claim.etag)
        if changed.accepted and self.stage.happens(0.8):
            await self._submit(caller, claim.body["id"], changed.etag)

    async def _continue_draft(self, caller: Caller) -> None:
        drafts = await self.client.items(caller, "/v1/claims?status=draft&limit=200")
        if not drafts:
            return
        path = f"/v1/claims/{self.stage.chance.choice(drafts)['id']}"
        claim = await self.client.get(caller, path)
        if self.stage.happens(0.3):
            await self.client.change(caller, "DELETE", path, match=claim.etag)
        elif claim.accepted:
            await self._submit(caller, claim.body["id"], claim.etag)

    async def _change_bank_details(self, caller: Caller) -> None:
        for payee in await self.client.items(caller, "/v1/payees"):
            path = f"/v1/payees/{payee['id']}"
            current = await self.client.get(caller, path)
            details = self.stage.new_account(caller)
            changed = await self.client.change(caller, "PUT", path, details, match=current.etag)
            self.stage.keep_account(caller, details["account_number"], changed)

    def _lines(self, entitlement: Any) -> list[dict[str, Any]]:
        chance, remaining = self.stage.chance, entitlement["remaining"]["pence"]
        asked = chance.choices([remaining, remaining // 2, entitlement["amount"]["pence"]], weights=(7, 2, 1))[0]
        costs = {"travel": chance.choice([0, 0, 560, 1_240]), "replacement_care": chance.choice([0, 0, 0, 6_400])}
        return [
            {"kind": kind, "amount": money(pence), "on": entitlement["held_on"]}
            for kind, pence in {"involvement_payment": asked, **costs}.items()
            if pence
        ]


class EngagementOfficer:
    """Plans meetings, holds them, and records and corrects who came."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.client = stage, stage.client

    async def step(self) -> None:
        coming = [meeting for meeting in self.stage.meetings if not meeting.held]
        if len(coming) < MAX_COMING_MEETINGS and self.stage.happens(0.5):
            await self._plan()
        steps = [self._look, self._hold, self._correct]
        await self.stage.chance.choices(steps, weights=(3, 3, 2))[0]()

    async def _plan(self) -> None:
        minutes = self.stage.chance.choice(MEETING_MINUTES)
        times = meeting_times(minutes, self.stage.chance, clock.now())
        plan = {
            "title": "Breaks that work",
            "topic_id": self.stage.topic,
            "held_on": times.held_on.isoformat(),
            "starts_at": times.planned.isoformat(),
            "minutes": minutes,
            "mode": "in_person",
            "place": "The library",
            "places": 8,
            # At times too little for all who come, at times more than the scheme has left.
            "expected_cost": money(self.stage.chance.choice([6_000, 18_000, 30_000, 45_000])),
            "scheme": SCHEME,
        }
        response = await self.client.post(ENGAGEMENT_OFFICER, "/v1/assemblies", plan, service="engagement")
        if response.accepted:
            self.stage.meetings.append(Meeting(f"/v1/assemblies/{response.body['id']}", times.actual))

    async def _look(self) -> None:
        """Learn which meetings got their money. Those that did not are planned no more."""
        for meeting in [meeting for meeting in self.stage.meetings if not meeting.is_open]:
            view = await self.client.get(ENGAGEMENT_OFFICER, meeting.path, "engagement")
            meeting.is_open = view.body["status"] == "open"
            if view.body["status"] == "refused":
                self.stage.meetings.remove(meeting)

    async def _hold(self) -> None:
        """Let the time of an open meeting pass, which ends its registrations, and record who came."""
        coming = [meeting for meeting in self.stage.meetings if meeting.is_open and not meeting.held]
        if not coming:
            return
        meeting = self.stage.chance.choice(coming)
        registered = await self.client.items(ENGAGEMENT_OFFICER, f"{meeting.path}/registrations", "engagement")
        if len(registered) < 3:
            return
        await move_into_past(self.stage.cluster, UUID(meeting.path.rsplit("/", 1)[-1]), meeting.actual)
        meeting.held = True
        registrations = await self.client.items(ENGAGEMENT_OFFICER, f"{meeting.path}/registrations", "engagement")
        meeting.registrations = [registration["id"] for registration in registrations]
        attendances = [{"registration_id": id, "attended": self.stage.happens(0.85)} for id in meeting.registrations]
        await self._record(meeting, {"attendances": attendances})

    async def _correct(self) -> None:
        held = [meeting for meeting in self.stage.meetings if meeting.registrations]
        if held:
            meeting = self.stage.chance.choice(held)
            registration = self.stage.chance.choice(meeting.registrations)
            await self._record(meeting, {"registration_id": registration, "attended": self.stage.happens(0.65)})

    async def _record(self, meeting: Meeting, body: dict[str, Any]) -> None:
        await self.client.post(ENGAGEMENT_OFFICER, f"{meeting.path}/attendance", body, service="engagement")

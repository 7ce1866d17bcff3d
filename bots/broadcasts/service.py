"""Who may do what with which announcement, by what the directory says at the time of asking; pure of Matrix."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bots.broadcasts.ledger import Ledger
from bots.broadcasts.model import Author, Broadcast, Content, Draft, Level, Reach, State, Wanted
from bots.broadcasts.rights import Allowed, OrgChart, Refused, Verdict, judge, may_approve, may_approve_news
from bots.runtime.access import LEADERS, Access, Caller
from bots.runtime.tools import Tools
from huep.catalogue import Message
from huep.directory.model import Post, Standing
from huep.names import localpart_of

OUT = (State.SENT, State.CLOSED)
"""States in which people have it."""
EDITABLE = (*OUT, State.RETURNED)
WITHDRAWABLE = (*OUT, State.AWAITING, State.RETURNED)
URGENT_FOR = timedelta(days=1)
"""So long an urgent announcement stays open to whose acknowledgement is not late."""
LEAST_TIME = timedelta(minutes=10)
"""A deadline lies at least so far ahead."""
MOST_AWAITING = 20
"""Announcements of which is asked whether somebody who was not asked may approve them."""


@dataclass(frozen=True)
class Plan:
    """What a draft comes to if it is sent now."""

    draft: Draft
    reach: Reach
    verdict: Verdict


@dataclass(frozen=True)
class Part:
    """What of an announcement somebody may follow: all of it, or the part of the tree under a unit."""

    broadcast: Broadcast
    under: str | None = None


class BroadcastService:
    """Of one bot; synchronous."""

    def __init__(self, tools: Tools, ledger: Ledger) -> None:
        self._directory = tools.directory
        self._access = Access(tools.directory, tools.preferences)
        self._settings = tools.settings.broadcasts
        self._ledger = ledger

    def plan(
        self,
        caller: Caller,
        level: Level,
        deadline: datetime | None,
        wanted: Wanted,
        content: Content,
        room_id: str,
        moment: datetime,
    ) -> Plan:
        """What `caller` would bring about by saying this now, in their chat `room_id` with the bot."""
        until = open_until(level, deadline, moment)
        draft = Draft(level, content, wanted, author_of(caller), room_id, until)
        return self.planned(caller, draft)

    def planned(self, caller: Caller, draft: Draft) -> Plan:
        """The same of a draft that was made before."""
        reach = self._ledger.reach(draft.wanted.audience, draft.author.key)
        return Plan(draft, reach, judge(caller, reach, self._chart(), self._settings.approve_above))

    def may_word(self, caller: Caller, broadcast: Broadcast) -> bool:
        """Whether `caller` may let all who have it read something else: as much power as to say it now.

        News are worded anew by who could let them out now. What somebody else approved is theirs to change: or their
        yes would be to words that they never saw.
        """
        if broadcast.approver not in (None, caller.person.key):
            return False
        if broadcast.approver is None and broadcast.draft.origin is None:
            return isinstance(self.planned(caller, broadcast.draft).verdict, Allowed)
        return isinstance(self.approval(caller, broadcast)[1], Allowed)

    def approval(self, approver: Caller, broadcast: Broadcast) -> tuple[Reach, Allowed | Refused]:
        """Whether `approver` may let it go out now, and to whom that would be."""
        draft = broadcast.draft
        reach = self._ledger.reach(draft.wanted.audience, draft.author.key)
        if draft.origin is not None:  # what a source may say, and to whom, was settled when it was declared
            named = self._is_named(approver, broadcast)
            return reach, may_approve_news(approver, draft.author.unit_code, self._chart(), named=named)
        author = self._access.caller(draft.author.user_id)
        return reach, may_approve(approver, author, reach, self._chart(), self._settings.approve_above)

    def _is_named(self, approver: Caller, broadcast: Broadcast) -> bool:
        """Whether the source declares `approver` today; of one that is declared no more, whether they were asked."""
        declared = [source for source in self._settings.sources if source.shown == broadcast.draft.origin]
        if not declared:
            return approver.person.key == broadcast.approver
        return any(source.approver == localpart_of(approver.user_id) for source in declared)

    # Which announcements somebody may speak of; all others do not exist for them

    def awaiting(self, caller: Caller) -> tuple[Broadcast, ...]:
        """Those that wait for the approval of `caller`: who is asked, or answers for it today."""
        asked = self._ledger.recent(approver=caller.person.key, states=(State.AWAITING,))
        latest = self._ledger.recent(states=(State.AWAITING,), most=MOST_AWAITING)
        found = {one.number: one for one in (*asked, *latest) if self._waits_for(caller, one)}
        return tuple(found[number] for number in sorted(found, reverse=True))

    def awaiting_one(self, caller: Caller, number: int) -> Broadcast | None:
        """One of them by its number."""
        found = self._ledger.find(number)
        if found is None or found.state is not State.AWAITING:
            return None
        return found if self._waits_for(caller, found) else None

    def _waits_for(self, caller: Caller, broadcast: Broadcast) -> bool:
        """Whether `caller` is asked, or may say yes where who was asked is away, or has lost the post."""
        return broadcast.approver == caller.person.key or isinstance(self.approval(caller, broadcast)[1], Allowed)

    def managed(self, caller: Caller) -> tuple[Broadcast, ...]:
        """Those out that `caller` wrote or approved, the latest first."""
        return self._managed(caller, OUT)

    def managed_one(self, caller: Caller, number: int) -> Broadcast | None:
        """One of them by its number."""
        return self._managed_one(caller, number, OUT)

    def editable(self, caller: Caller) -> tuple[Broadcast, ...]:
        """Those that `caller` may word anew: out, or returned."""
        return self._managed(caller, EDITABLE)

    def editable_one(self, caller: Caller, number: int) -> Broadcast | None:
        """One of them by its number."""
        return self._managed_one(caller, number, EDITABLE)

    def withdrawable(self, caller: Caller) -> tuple[Broadcast, ...]:
        """Those that `caller` may take back: out, or not yet."""
        return self._managed(caller, WITHDRAWABLE)

    def withdrawable_one(self, caller: Caller, number: int) -> Broadcast | None:
        """One of them by its number."""
        return self._managed_one(caller, number, WITHDRAWABLE)

    def returned(self, caller: Caller) -> tuple[Broadcast, ...]:
        """Own ones that were sent back."""
        return self._ledger.recent(author=caller.person.key, states=(State.RETURNED,))

    def returned_one(self, caller: Caller, number: int) -> Broadcast | None:
        """One of them by its number."""
        found = self._managed_one(caller, number, (State.RETURNED,))
        return found if found is not None and found.draft.author.key == caller.person.key else None

    def followed_one(self, caller: Caller, number: int) -> Broadcast | None:
        """One whose progress `caller` may see: its author and approver, and who leads a unit that is meant."""
        found = self._ledger.find(number)
        if found is None or found.state not in OUT:
            return None
        return found if self.part(caller, found) is not None else None

    def part(self, caller: Caller, broadcast: Broadcast, unit_code: str | None = None) -> Part | None:
        """What of it `caller` may see: all of it, or the unit that they lead; `unit_code` narrows it further.

        None where there is nothing of it that they may see.
        """
        whole = caller.person.key in (broadcast.draft.author.key, broadcast.approver)
        led = led_by(caller)
        if unit_code is not None:
            sees = whole or any(unit.code in led for unit in self._directory.path_to(unit_code))
            under = [unit_code] if sees else []
        elif whole:
            return Part(broadcast)
        else:
            under = list(led)
        return next((Part(broadcast, code) for code in under if self._ledger.tallies(broadcast.number, code)), None)

    def _managed(self, caller: Caller, states: Collection[State]) -> tuple[Broadcast, ...]:
        key, recent = caller.person.key, self._ledger.recent
        both = (*recent(author=key, states=states), *recent(approver=key, states=states))
        found = {one.number: one for one in both}
        return tuple(found[number] for number in sorted(found, reverse=True))

    def _managed_one(self, caller: Caller, number: int, states: Collection[State]) -> Broadcast | None:
        found = self._ledger.find(number)
        if found is None or found.state not in states:
            return None
        return found if caller.person.key in (found.draft.author.key, found.approver) else None

    def _chart(self) -> OrgChart:
        return OrgChart.of(self._directory.units(), self._directory.leadership_of)


def open_until(level: Level, deadline: datetime | None, moment: datetime) -> datetime | None:
    """Until when what is said at `moment` is acknowledged in time; None where nothing is asked."""
    return {Level.INFORMATION: None, Level.IMPORTANT: deadline, Level.URGENT: deadline or moment + URGENT_FOR}[level]


def deadline_fits(deadline: datetime, moment: datetime, longest_days: int) -> Message | None:
    """What is wrong with a deadline; None where nothing is."""
    if deadline < moment + LEAST_TIME:
        return Message.of("deadline-too-soon")
    if deadline > moment + timedelta(days=longest_days):
        return Message.of("deadline-too-far", days=longest_days)
    return None


def author_of(caller: Caller) -> Author:
    """Who speaks, in the post that stands highest: of those that lead the first, else the main post."""
    person = caller.person
    post = next(iter(_leading(caller)), person.main_post or person.posts[0])
    return Author(person.key, caller.user_id, person.full_name, post.position, post.unit_code, post.unit_name)


def led_by(caller: Caller) -> tuple[str, ...]:
    """The units that `caller` leads, or helps to lead, today."""
    return tuple(post.unit_code for post in _leading(caller)) if caller.roles & LEADERS else ()


def _leading(caller: Caller) -> tuple[Post, ...]:
    order = (Standing.HEAD, Standing.DEPUTY)
    posts = [post for post in caller.person.posts if post.standing in order]
    return tuple(sorted(posts, key=lambda post: order.index(post.standing)))

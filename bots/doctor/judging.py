"""From what is known of a bot to what is to be said of it. Pure."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bots.doctor.facts import AccountState, BotFacts, RunningBot, StoredIdentity
from bots.health.readiness import FEWEST_KEYS, MOST_LAG_S, MOST_SYNC_AGE_S

LATELY = timedelta(hours=24)

STORED = {
    StoredIdentity.NO_KEY: "no recovery key lies among the secrets: a lost device could not be recovered",
    StoredIdentity.DAMAGED_KEY: "the recovery key among the secrets is damaged: restore it from a backup",
    StoredIdentity.CLOSED: "the recovery key does not open the secret storage: restore the secret from a backup",
    StoredIdentity.OTHER: "the secret storage holds another identity than people see: restore the bot from a backup",
}


@dataclass(frozen=True)
class Verdict:
    """One thing that was looked at."""

    bot: str
    about: str
    sound: bool
    said: str
    mendable: bool = False
    """Whether `--mend` puts it right, without a risk to anybody's trust."""

    def as_json(self) -> dict[str, str | bool]:
        return asdict(self)


def judge(facts: BotFacts, now: datetime) -> tuple[Verdict, ...]:
    """Everything that was looked at, sound or not, in the order in which it depends on another."""
    return (
        _account(facts),
        _process(facts, now),
        _signature(facts),
        _keys(facts),
        _storage(facts),
        _rooms(facts),
        *_backlog(facts),
        _crashes(facts, now),
    )


def summary(verdicts: tuple[Verdict, ...]) -> str:
    """One line for all bots."""
    faults = [verdict for verdict in verdicts if not verdict.sound]
    if not faults:
        return f"{len({verdict.bot for verdict in verdicts})} bots are well"
    return "; ".join(f"{fault.bot}: {fault.said}" for fault in faults)


def _account(facts: BotFacts) -> Verdict:
    said = {
        AccountState.OPEN: facts.user_id,
        AccountState.LOCKED: f"{facts.user_id} is locked: unlock it if that was not meant",
        AccountState.MISSING: f"{facts.user_id} does not exist: start HueP with `huep up`",
        None: "Synapse does not answer: see `huep status`",
    }
    return Verdict(facts.name, "account", facts.account is AccountState.OPEN, said[facts.account])


def _process(facts: BotFacts, now: datetime) -> Verdict:
    running = facts.running
    if running is None:
        return Verdict(facts.name, "process", False, "its process does not answer: see `huep status`")
    if running.state != "ready":
        return Verdict(facts.name, "process", False, running.note or f"it is {running.state}")
    return _sync(facts.name, running, now)


def _sync(name: str, running: RunningBot, now: datetime) -> Verdict:
    if running.synced_at is None:
        return Verdict(name, "process", False, "it has not synced yet")
    age_s = (now - running.synced_at).total_seconds()
    return Verdict(name, "process", age_s <= MOST_SYNC_AGE_S, f"ready, last sync {age_s:.0f} s ago")


def _signature(facts: BotFacts) -> Verdict:
    if facts.account is None:
        return Verdict(facts.name, "signature", False, "it could not be read")
    device = facts.identity.devices.get(facts.device_id)
    if facts.identity.master is None:
        said = "it has no identity: nobody's Element will trust it"
    elif device is None:
        said = f"its device {facts.device_id} has no keys on the server"
    elif not device.cross_signed:
        said = f"its device {facts.device_id} is not signed by its owner"
    else:
        return Verdict(facts.name, "signature", True, f"device {facts.device_id} is signed")
    return Verdict(facts.name, "signature", False, said, mendable=True)


def _keys(facts: BotFacts) -> Verdict:
    if facts.keys is None:
        return Verdict(facts.name, "keys", False, "they could not be read")
    keys = facts.keys.get(facts.device_id)
    if keys is None:
        return Verdict(facts.name, "keys", False, "the server has no keys to give out", mendable=True)
    left = f"{keys.one_time} one-time keys, {'a' if keys.fallback else 'no'} fallback key"
    low = keys.one_time < FEWEST_KEYS or not keys.fallback
    return Verdict(facts.name, "keys", not low, left, mendable=low)


def _storage(facts: BotFacts) -> Verdict:
    if facts.stored is None:
        return Verdict(facts.name, "secret storage", False, "it could not be read")
    sound = facts.stored is StoredIdentity.SOUND
    said = "opens with the recovery key" if sound else STORED[facts.stored]
    return Verdict(facts.name, "secret storage", sound, said, mendable=facts.stored is StoredIdentity.NO_KEY)


def _rooms(facts: BotFacts) -> Verdict:
    rooms = facts.rooms
    if rooms is None:
        return Verdict(facts.name, "rooms", False, "they could not be read")
    said = f"in {rooms.joined} rooms, {rooms.encrypted} of them encrypted"
    if rooms.invitations:
        said += f"; {rooms.invitations} invitations are not answered"
    return Verdict(facts.name, "rooms", rooms.invitations == 0, said, mendable=rooms.invitations > 0)


def _backlog(facts: BotFacts) -> Iterator[Verdict]:
    backlog = facts.backlog
    if backlog is None:
        yield Verdict(facts.name, "backlog", False, "HueP's database does not answer: see `huep status`")
        return
    slowest_s = max(backlog.inbox_lag_s, backlog.outbox_lag_s, backlog.jobs_lag_s)
    waiting = f"{backlog.inbox} to answer, {backlog.outbox} to send, {backlog.jobs} jobs"
    yield Verdict(facts.name, "backlog", slowest_s <= MOST_LAG_S, f"{waiting}; the oldest waits {slowest_s:.0f} s")
    if backlog.dead_events:
        said = f"{backlog.dead_events} events could not be dealt with: see `huep bots inbox`"
        yield Verdict(facts.name, "inbox", False, said)
    if backlog.dead:
        said = f"{backlog.dead} messages were given up: see `huep bots outbox list`"
        yield Verdict(facts.name, "outbox", False, said)
    if backlog.dead_jobs:
        yield Verdict(facts.name, "jobs", False, f"{backlog.dead_jobs} jobs were given up: see its log")
    without = facts.running.devices_without_keys if facts.running else 0
    if without:
        said = f"{without} devices of people have run out of keys, and get theirs when they are online again"
        yield Verdict(facts.name, "devices", True, said)


def _crashes(facts: BotFacts, now: datetime) -> Verdict:
    if facts.backlog is None:
        return Verdict(facts.name, "crashes", False, "they could not be read")
    crash = facts.last_crash
    if crash is None or now - crash.at > LATELY:
        return Verdict(facts.name, "crashes", True, "none within a day")
    return Verdict(facts.name, "crashes", True, f"last went down at {crash.at:%Y-%m-%d %H:%M} UTC: {crash.ending}")

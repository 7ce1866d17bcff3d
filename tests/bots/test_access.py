"""Who is somebody to a bot: asked of the directory each time, so that a lock holds from the next message on."""

from dataclasses import replace

from bots.runtime.access import Access
from tests.bots.province import SERVER, SmallDirectory, SmallPreferences, person, post

AN = f"@an:{SERVER}"


def test_a_locked_person_is_nobody_to_a_bot() -> None:
    an = person("an", "Nguyễn Thị An", post("SNV-VP", "Chuyên viên"))
    directory = SmallDirectory(an)
    access = Access(directory, SmallPreferences())
    caller = access.caller(AN)
    assert caller is not None and caller.person == an
    directory.people = [replace(an, locked=True)]
    assert access.caller(AN) is None
    directory.people = [an]
    assert access.caller(AN) is not None

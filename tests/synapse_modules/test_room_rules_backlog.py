"""When what failed is tried again."""

from datetime import timedelta

from synapse_modules.room_rules.backlog import LONGEST_WAIT, Backlog, wait_after

NOW = 1_700_000_000_000


def test_each_failure_doubles_the_wait_up_to_an_hour() -> None:
    assert [wait_after(failures).total_seconds() for failures in (1, 2, 3, 4)] == [6, 12, 24, 48]
    assert wait_after(11) == wait_after(10_000) == LONGEST_WAIT == timedelta(hours=1)


def test_a_task_is_due_at_once_and_after_a_failure_when_its_wait_is_over() -> None:
    backlog: Backlog[str] = Backlog()
    backlog.add("a", NOW)
    assert list(backlog.due(NOW)) == [("a", False)]
    assert backlog.failed("a", NOW) == timedelta(seconds=6)
    assert list(backlog.due(NOW + 5_999)) == []
    assert list(backlog.due(NOW + 6_000)) == [("a", True)]


def test_a_task_that_is_told_of_again_goes_on_waiting() -> None:
    backlog: Backlog[str] = Backlog()
    backlog.add("a", NOW)
    backlog.failed("a", NOW)
    backlog.add("a", NOW)
    assert list(backlog.due(NOW)) == []


def test_what_is_done_is_forgotten() -> None:
    backlog: Backlog[str] = Backlog()
    backlog.add("a", NOW)
    backlog.add("b", NOW)
    for task, _ in backlog.due(NOW):
        backlog.done(task)
    assert list(backlog.due(NOW)) == [] and "a" not in backlog
    backlog.done("a")

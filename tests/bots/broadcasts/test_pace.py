"""How often is looked how far an announcement has come."""

from datetime import timedelta

from bots.broadcasts import pace


def test_the_longer_messages_are_on_their_way_the_less_often_they_are_looked_for() -> None:
    pauses = [pace.of_arrivals(looks) for looks in range(200)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[60], pauses[-1]) == (
        timedelta(seconds=3),
        timedelta(minutes=1),
        timedelta(minutes=15),
    )
    assert sum(pauses, timedelta()) > timedelta(days=1), "a night takes no thousands of looks"


def test_of_people_the_first_hour_is_shown_by_the_minute_and_a_week_takes_few_looks() -> None:
    elapsed, looks = timedelta(), []
    while elapsed < timedelta(days=7):
        looks.append(elapsed)
        elapsed += pace.of_acknowledgements(elapsed)
    assert sum(look < timedelta(hours=1) for look in looks) == 60
    assert len(looks) < 200

"""The grammar of Vietnamese phrases of time, as a table: what people say, and what it is.

How to read the patterns stands in `matcher`; what may be said, in words, in docs/language.md.
"""

from collections.abc import Sequence

from bots.language.numbers import WORDS
from bots.language.periods.composition import (
    TODAY,
    TOMORROW,
    YESTERDAY,
    at_time,
    behind,
    between_times,
    coming_units,
    edge_days,
    first_days,
    in_years,
    last_units,
    limited,
    of_each,
    on_weekday,
    part_of,
    past_unit,
    ranging,
    tet_eve,
    units_before,
    week_of_month,
    within_units,
)
from bots.language.periods.days import Away, DayOfMonth, LunarDay, NextWeekday, Weekday
from bots.language.periods.expression import FromNow, Unit
from bots.language.periods.matcher import Grammar, Rule
from bots.language.periods.meaning import Deadline, Directed, Either, Limit, Side
from bots.language.periods.model import Looking
from bots.language.periods.moments import OfficeTime, PartOfDay
from bots.language.periods.ranges import Range
from bots.language.periods.stretches import FromNowOn, LunarMonths, Months, Portion, WeekOfYear, Years
from bots.language.periods.terminals import TERMINALS
from bots.language.periods.words_of_time import WORD_RULES
from bots.language.words import Vocabulary

_NOW = "(nay | giờ | bây giờ | hiện nay | hiện tại | hôm nay | thời điểm này)"
_TO = "(đến | tới | cho đến | cho tới | đến hết | tới hết | cho đến hết | - | – | — | → | ~ | đ / n)"
_LUNAR = "(âm lịch | âm | âl)"
_LAST = "(qua | gần đây | gần nhất | vừa qua | vừa rồi | trở lại đây)"
_COMING = "(tới | sắp tới | tiếp theo)"
_TIME = "[,] [lúc | vào lúc | vào | từ]"


def _calendar_units() -> list[Rule]:
    units = {"tuần": Unit.WEEK, "tuần lễ": Unit.WEEK, "tháng": Unit.MONTH, "(quý | quí)": Unit.QUARTER}
    return [
        *(Rule(f"{word} <offset>", lambda count, unit=unit: FromNowOn(unit, count)) for word, unit in units.items()),
        *(Rule(f"{word} qua", lambda unit=unit: past_unit(unit)) for word, unit in units.items()),
        Rule("năm qua", lambda: past_unit(Unit.YEAR)),
        Rule("<relative-year>", lambda year: FromNowOn(Unit.YEAR, year.years)),
        Rule("năm <year-number>", lambda year: Months(1, 12, year)),
    ]


def _same(value: object) -> object:
    return value


_RULES: dict[str, Sequence[Rule]] = {
    **WORD_RULES,
    "year": [
        Rule("[của] <relative-year>", _same),
        Rule("[/ | - | của | ,] [năm] <year-number>", _same),
    ],
    "weekday": [
        Rule("thứ <weekday-number>", lambda number: number - 2),
        Rule("(chủ nhật [xanh] | cn)", lambda: 6),
        Rule("(t | th) <tight-weekday>", lambda number: number - 2),
    ],
    "month-of-year": [
        Rule("tháng <month> [<year>]", lambda month, year: Months(month, 1, year)),
        Rule("tháng <months-listed> [<year>]", lambda months, year: Months(months[0], months[1], year)),
        Rule("(t | th) <tight-month> [<year>]", lambda month, year: Months(month, 1, year)),
        Rule("tháng <month> dương lịch", lambda month: Months(month, 1)),
        Rule("[tháng] <month-year>", _same),
        Rule(f"tháng <month> [nhuận] {_LUNAR} [<year>]", lambda month, year: LunarMonths(month, False, year)),
        Rule(f"tháng <month> nhuận [{_LUNAR}] [<year>]", lambda month, year: LunarMonths(month, True, year)),
        Rule(f"tháng giêng {_LUNAR} [<year>]", lambda year: LunarMonths(1, False, year)),
        Rule("tháng giêng", lambda: Either(LunarMonths(1), Months(1, 1))),
        Rule(f"tháng chạp [{_LUNAR}] [<year>]", lambda year: LunarMonths(12, False, year)),
    ],
    "quarter-of-year": [
        Rule("(quý | quí) <quarter> [<year>]", lambda quarter, year: Months(quarter * 3 - 2, 3, year)),
        Rule(
            "(quý | quí) <quarters-listed> [<year>]",
            lambda listed, year: Months(listed[0] * 3 - 2, listed[1] * 3, year),
        ),
        Rule("q <tight-quarter> [<year>]", lambda quarter, year: Months(quarter * 3 - 2, 3, year)),
    ],
    "edged": [
        Rule("<month-of-year>", _same),
        Rule("<quarter-of-year>", _same),
        Rule("tháng <offset>", lambda count: FromNowOn(Unit.MONTH, count)),
        Rule("tháng", lambda: FromNowOn(Unit.MONTH, 0)),
        Rule("năm", lambda: FromNowOn(Unit.YEAR, 0)),
    ],
    "whole": [
        *_calendar_units(),
        Rule("<month-of-year>", _same),
        Rule("<quarter-of-year>", _same),
    ],
    "stretch": [
        Rule("<whole>", _same),
        Rule("tuần [thứ] <week-number> [<year>]", lambda number, year: WeekOfYear(number, year)),
        Rule("tuần [thứ] <week-of-month> [của] <month-of-year>", week_of_month),
        Rule("<portion> <this-unit>", part_of),
        Rule("<portion> <whole>", part_of),
        Rule("<count> ngày đầu <edged>", lambda count, whole: edge_days(count, Portion.BEGINNING, whole)),
        Rule("<count> ngày cuối <edged>", lambda count, whole: edge_days(count, Portion.END, whole)),
        Rule("ngày đầu [tiên] [của] <edged>", lambda whole: edge_days(1, Portion.BEGINNING, whole)),
        Rule("ngày cuối [cùng] [của] <edged>", lambda whole: edge_days(1, Portion.END, whole)),
        Rule("<decade> <month-of-year>", part_of),
        Rule("<decade> tháng <offset>", lambda part, count: part_of(part, FromNowOn(Unit.MONTH, count))),
        Rule("nửa năm đầu", lambda: part_of(Portion.FIRST_HALF, FromNowOn(Unit.YEAR, 0))),
        Rule("nửa năm cuối", lambda: part_of(Portion.SECOND_HALF, FromNowOn(Unit.YEAR, 0))),
        Rule("<count> (quý | quí) đầu năm", lambda count: Months(1, 3 * count) if count < 4 else None),
        Rule("(quý | quí) đầu năm", lambda: Months(1, 3)),
        Rule("(quý | quí) cuối năm", lambda: Months(10, 3)),
        Rule("tuần đầu [tiên] [của] <month-of-year>", lambda month: week_of_month(1, month)),
        Rule("<count> tháng đầu năm", lambda count: Months(1, count) if count < 12 else None),
        Rule("<count> tháng đầu [năm] <year>", lambda count, year: Months(1, count, year) if count < 12 else None),
        Rule("<count> tháng cuối năm", lambda count: Months(13 - count, count) if count < 12 else None),
        Rule(
            "<count> tháng cuối [năm] <year>",
            lambda count, year: Months(13 - count, count, year) if count < 12 else None,
        ),
        Rule("<count> tháng <year>", lambda count, year: Months(1, count, year) if count in (3, 6, 9) else None),
        Rule(
            "<count> tháng",
            lambda count: (
                Either(Months(1, count, FromNow(0)), last_units(count, Unit.MONTH)) if count in (3, 6, 9) else None
            ),
        ),
        Rule(f"(nhiệm kỳ | giai đoạn) [từ] [năm] <year-number> {_TO} [năm] <year-number>", Years),
        Rule(f"(nhiệm kỳ | nhiệm kì) <year-number> {_TO} <year-number>", Years),
        Rule(f"<count> <count-unit> {_LAST}", last_units),
        Rule(f"(trong | trong vòng) <count> <count-unit> {_LAST}", last_units),
        Rule(f"<count> <count-unit> {_COMING}", coming_units),
        Rule(f"(trong | trong vòng) <count> <count-unit> {_COMING}", coming_units),
        Rule("(trong | trong vòng | trong thời hạn) <count> <count-unit>", within_units),
        Rule("<count> <count-unit> trước", units_before),
    ],
    "day-of-month": [
        Rule("[ngày | hôm] <date>", _same),
        Rule("ngày <loose-date>", _same),
        Rule("(ngày | hôm) <lone-day>", lambda day: DayOfMonth(day)),
        Rule("(ngày | hôm) <day-number> tháng <month> [<year>]", lambda day, month, year: DayOfMonth(day, month, year)),
        Rule("<bare-day> tháng <month-of-day> [<year>]", lambda day, month, year: DayOfMonth(day, month, year)),
        Rule("(ngày | hôm) <day-number> tháng <offset>", lambda day, months: DayOfMonth(day, months_from_now=months)),
        Rule("tháng <month> [,] ngày <day-number> [<year>]", lambda month, day, year: DayOfMonth(day, month, year)),
        Rule(
            "năm <year-number> [,] tháng <month> [,] ngày <day-number>",
            lambda year, month, day: DayOfMonth(day, month, year),
        ),
        Rule("[ngày | hôm] <date> <relative-year>", in_years),
        Rule(
            "[ngày] (mùng | mồng) <first-days> tháng <month> dương lịch [<year>]",
            lambda day, month, year: DayOfMonth(day, month, year),
        ),
        Rule(
            "[ngày] (mùng | mồng) <first-days> tháng <offset>",
            lambda day, months: DayOfMonth(day, months_from_now=months),
        ),
    ],
    "lunar-day": [
        Rule(f"[ngày] rằm [{_LUNAR}]", lambda: LunarDay(15)),
        Rule(f"[ngày] rằm tháng <month> [{_LUNAR}] [<year>]", lambda month, year: LunarDay(15, month, year=year)),
        Rule("[ngày] rằm tháng (này | nầy | ni)", lambda: LunarDay(15, this_month=True)),
        Rule("[ngày] rằm tháng giêng [<year>]", lambda year: LunarDay(15, 1, year=year)),
        Rule("[ngày] rằm tháng chạp [<year>]", lambda year: LunarDay(15, 12, year=year)),
        Rule("[ngày] (mùng | mồng) <first-days>", first_days),
        Rule(f"[ngày] (mùng | mồng) <first-days> {_LUNAR}", lambda day: LunarDay(day)),
        Rule("[ngày] (mùng | mồng) <first-days> tháng <month> [<year>]", first_days),
        Rule(
            f"[ngày] [mùng | mồng] <day-number> tháng <month> {_LUNAR} [<year>]",
            lambda day, month, year: LunarDay(day, month, year=year),
        ),
        Rule(
            f"[ngày] [mùng | mồng] <day-number> tháng giêng [{_LUNAR}] [<year>]",
            lambda day, year: LunarDay(day, 1, year=year),
        ),
        Rule(
            f"[ngày] [mùng | mồng] <day-number> tháng chạp [{_LUNAR}] [<year>]",
            lambda day, year: LunarDay(day, 12, year=year),
        ),
        Rule(
            f"[ngày] (mùng | mồng) <date> {_LUNAR} [<year>]",
            lambda day, year: LunarDay(day.day, day.month, year=year or day.year),
        ),
        Rule(f"[ngày] <date> {_LUNAR} [<year>]", lambda day, year: LunarDay(day.day, day.month, year=year or day.year)),
        Rule(
            f"[ngày] <date> nhuận [{_LUNAR}] [<year>]",
            lambda day, year: LunarDay(day.day, day.month, leap=True, year=year or day.year),
        ),
        Rule("[ngày] (mùng | mồng) <first-days> tết [<year>]", lambda day, year: LunarDay(day, 1, year=year)),
        Rule("[ngày] <last-days> tết [<year>]", tet_eve),
    ],
    "dated": [
        Rule("<day-of-month>", _same),
        Rule("<lunar-day>", _same),
        Rule("<named-day>", _same),
        Rule("<named-day> [năm] <year>", in_years),
    ],
    "day": [
        Rule("(hôm nay | bữa nay | hôm ni | bữa ni | hnay | ngày hôm nay | ngày hôm ni)", lambda: TODAY),
        Rule("(hôm qua | bữa qua | hqua | ngày hôm qua)", lambda: YESTERDAY),
        Rule("[ngày] (hôm | bữa) kia", lambda: FromNowOn(Unit.DAY, -2)),
        Rule("(ngày | bữa) mai", lambda: TOMORROW),
        Rule("(ngày kia | ngày mốt | bữa mốt)", lambda: FromNowOn(Unit.DAY, 2)),
        Rule("<dated>", _same),
        Rule("[ngày | hôm] <weekday>", lambda number: Weekday(number)),
        Rule("(ngày | hôm) <weekday-day>", _same),
        Rule("<weekday-day>", _same),
    ],
    "away": [
        Rule("(cách đây | cách nay) <count> <count-unit>", lambda count, unit: Away(-count, unit)),
        Rule("[sau] <count> <count-unit> nữa", Away),
    ],
    "weekday-day": [
        Rule("<weekday> tuần <offset>", Weekday),
        Rule("<weekday> (này | nầy | ni)", lambda number: Weekday(number, 0)),
        Rule(f"<weekday> {_COMING}", lambda number: NextWeekday(number, ahead=True)),
        Rule("<weekday> (vừa rồi | vừa qua | rồi)", lambda number: NextWeekday(number, ahead=False)),
        Rule("<weekday> [,] <dated>", on_weekday),
    ],
    "day-or-short": [
        Rule("nay", lambda: TODAY),
        Rule("mai", lambda: TOMORROW),
        Rule("<day>", _same),
    ],
    "when": [
        Rule("<day-or-short>", _same),
        Rule("qua", lambda: YESTERDAY),
        Rule("mốt", lambda: FromNowOn(Unit.DAY, 2)),
    ],
    "part-of-day": [
        Rule("<day-part> <when>", lambda part, day: of_each(lambda one: PartOfDay(part, one), day)),
        Rule("<day> [,] buổi <day-part>", lambda day, part: of_each(lambda one: PartOfDay(part, one), day)),
    ],
    "moment": [
        Rule("[lúc | vào lúc | vào] <clock> <day-part> [,] [<when>]", at_time),
        Rule("[lúc | vào lúc | vào] <clock> [,] [<day-or-short>]", lambda clock, day: at_time(clock, None, day)),
        Rule(f"<day-part> <when> {_TIME} <clock>", lambda part, day, clock: at_time(clock, part, day)),
        Rule(f"<day> {_TIME} <clock> [<day-part>]", lambda day, clock, part: at_time(clock, part, day)),
        Rule("[trong] giờ (hành chính | làm việc) [<when>]", lambda day: of_each(OfficeTime, day or TODAY)),
        Rule(
            "(đầu) giờ <day-part> <when>",
            lambda part, day: of_each(lambda one: OfficeTime(one, (Portion.BEGINNING, part)), day),
        ),
        Rule(
            "(cuối) giờ <day-part> <when>",
            lambda part, day: of_each(lambda one: OfficeTime(one, (Portion.END, part)), day),
        ),
    ],
    "point": [
        Rule("<day>", _same),
        Rule("<stretch>", _same),
        Rule("<part-of-day>", _same),
        Rule("<moment>", _same),
    ],
    "open-day": [
        Rule("[ngày] <day-number>", DayOfMonth),
        Rule("[năm] <year-number>", lambda year: Months(1, 12, year)),
        Rule("[lúc] <clock>", lambda clock: at_time(clock, None, None)),
        Rule("nay", lambda: TODAY),
        Rule("mai", lambda: TOMORROW),
    ],
    "range": [
        Rule(
            f"[từ] <clock> [<day-part>] {_TO} <clock> [<day-part>] [,] [<when>]",
            lambda first, first_part, last, part, day: between_times(first, first_part, last, part, day),
        ),
        Rule(
            f"<day> {_TIME} <clock> [<day-part>] {_TO} <clock> [<day-part>]",
            lambda day, first, first_part, last, part: between_times(first, first_part, last, part, day),
        ),
        Rule(
            f"<day-part> <when> {_TIME} <clock> {_TO} <clock>",
            lambda part, day, first, last: between_times(first, part, last, part, day),
        ),
        Rule(f"[từ | trong khoảng] <point> {_TO} <point>", ranging),
        Rule(f"từ sau <point> {_TO} <point>", lambda first, last: ranging(behind(first), last)),
        Rule(f"(từ | trong khoảng) <open-day> {_TO} <point>", ranging),
        Rule(f"(từ | trong khoảng) [năm] <year-number> {_TO} [năm] <year-number>", Years),
        Rule("<day-number> (- | –) <date>", lambda first, last: ranging(DayOfMonth(first), last)),
        Rule("giữa <point> và <point>", ranging),
        Rule(f"từ sau <point> (đến | tới | cho đến | cho tới) {_NOW}", lambda first: ranging(behind(first), TODAY)),
        Rule(f"<point> (đến | cho đến) {_NOW}", lambda first: ranging(first, TODAY)),
        Rule(
            f"(từ | kể từ | tính từ) <point> (đến | tới | cho đến | cho tới | tính đến) {_NOW}",
            lambda first: ranging(first, TODAY),
        ),
        Rule(
            f"từ <day-part> (đến | tới) {_NOW}",
            lambda part: Range(PartOfDay(part, TODAY), Away(0, Unit.MINUTE)),
        ),
        Rule("[từ | kể từ] <point> đ / n", lambda first: ranging(first, TODAY)),
    ],
    "limit": [
        Rule("trước <point>", lambda point: Limit(Side.BEFORE, point)),
        Rule("sau <point>", lambda point: Limit(Side.AFTER, point)),
        Rule(
            "<day> [,] trước <clock> [<day-part>]",
            lambda day, clock, part: limited(Side.BEFORE, at_time(clock, part, day)),
        ),
        Rule(
            "<day> [,] sau <clock> [<day-part>]",
            lambda day, clock, part: limited(Side.AFTER, at_time(clock, part, day)),
        ),
        Rule(
            "(đến | cho đến | tính đến | tính tới | đến hết | tới hết | tính đến hết | hết) <point>",
            lambda point: Limit(Side.UNTIL, point),
        ),
        Rule(f"(đến | tới | tính đến | tính tới | cho đến) {_NOW}", lambda: Limit(Side.UNTIL, TODAY)),
        Rule("(từ | kể từ | bắt đầu từ) <point> [trở đi | trở về sau]", lambda point: Limit(Side.SINCE, point)),
        Rule("từ nay [trở đi | về sau]", lambda: Limit(Side.SINCE, TODAY)),
    ],
    "deadline": [
        Rule(
            "(<due> [chót | cuối | cuối cùng | hoàn thành | (nộp | gửi) [góp ý | báo cáo | hồ sơ]] | thời <due>) "
            "[là | vào | đến | đến hết | hết] <point>",
            lambda _, point: Deadline(Limit(Side.UNTIL, point)),
        ),
        Rule(
            "(chậm nhất | muộn nhất | trễ nhất | không muộn hơn) [là | vào | đến | đến hết | hết] <point>",
            lambda point: Deadline(Limit(Side.UNTIL, point)),
        ),
        Rule("<due> [chót | cuối] [là] trước <point>", lambda _, point: Deadline(Limit(Side.BEFORE, point))),
    ],
    "yearly": [
        Rule("<month-of-year>", _same),
        Rule("<quarter-of-year>", _same),
        Rule("<dated>", _same),
    ],
    "phrase": [
        Rule("<away>", _same),
        Rule("<point>", _same),
        Rule("<range>", _same),
        Rule("<limit>", _same),
        Rule("<deadline>", _same),
        Rule("(trong | vào | trong khoảng) <point>", _same),
        Rule("(trong | vào) <range>", _same),
        Rule("[dịp] <range> (vừa rồi | vừa qua)", lambda of: Directed(of, Looking.BACK)),
        Rule("[dịp] <range> (sắp tới | tới đây)", lambda of: Directed(of, Looking.AHEAD)),
        Rule("<yearly> (vừa rồi | vừa qua)", lambda of: Directed(of, Looking.BACK)),
        Rule("<yearly> (tới | sắp tới | tới đây)", lambda of: Directed(of, Looking.AHEAD)),
    ],
}

GRAMMAR = Grammar(_RULES, TERMINALS)

_ALIASES: dict[str, tuple[str, ...]] = {"trc": ("trước",), "thg": ("tháng",), "ki": ("kỳ",), "mong": ("mồng",)}
_HOMOGRAPHS = frozenset(
    {"nam", "mai", "thu", "tuan", "sau", "quy", "ba", "bay", "tu", "tet", "hom", "toi", "qua", "dem"}
)
"""Names and other words when they are bare in a text that has diacritics."""

_STRANGERS = frozenset({"tôi", "đâu", "lê", "thương"})
"""They look like tối, đầu, lễ and thượng with the tone left out."""

VOCABULARY = Vocabulary((*GRAMMAR.words(), *WORDS, "kém", "và", "hạn"), _ALIASES, _HOMOGRAPHS, _STRANGERS)

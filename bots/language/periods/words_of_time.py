"""Words of time that stand for one thing each: units, sides, parts of a day, days with a name."""

from collections.abc import Sequence

from bots.language.calendar.holidays import NamedDay
from bots.language.periods.days import Named
from bots.language.periods.expression import FromNow, Unit
from bots.language.periods.matcher import Rule
from bots.language.periods.moments import DayPart
from bots.language.periods.stretches import FromNowOn, Portion

_NAMED_DAYS: dict[NamedDay, tuple[str, ...]] = {
    NamedDay.NEW_YEAR: ("tết (dương lịch | dương | tây)",),
    NamedDay.TET_EVE: ("giao thừa", "đêm giao thừa"),
    NamedDay.TET: ("tết", "tết (nguyên đán | âm lịch | cổ truyền | ta)"),
    NamedDay.LANTERNS: ("[tết] nguyên tiêu",),
    NamedDay.HUNG_KINGS: ("giỗ tổ", "giỗ tổ hùng vương"),
    NamedDay.REUNIFICATION: ("(giải phóng | thống nhất) (miền nam | đất nước) [30 / 4]",),
    NamedDay.LABOUR: ("quốc tế lao động [1 / 5]",),
    NamedDay.VESAK: ("phật đản",),
    NamedDay.DOUBLE_FIFTH: ("[tết] đoan (ngọ | ngũ)",),
    NamedDay.VU_LAN: ("vu lan",),
    NamedDay.NATIONAL: ("quốc khánh [2 / 9]",),
    NamedDay.MID_AUTUMN: ("[tết] trung thu",),
    NamedDay.KITCHEN_GODS: ("ông công ông táo",),
    NamedDay.WOMEN: ("quốc tế phụ nữ [8 / 3]",),
    NamedDay.VIETNAMESE_WOMEN: ("phụ nữ việt nam [20 / 10]",),
    NamedDay.TEACHERS: ("nhà giáo việt nam [20 / 11]", "nhà giáo"),
    NamedDay.CHRISTMAS: ("(giáng sinh | noel)",),
}


def _constants(values: dict[str, object]) -> list[Rule]:
    return [Rule(pattern, lambda value=value: value) for pattern, value in values.items()]


def _named_days() -> list[Rule]:
    return [
        Rule(f"[ngày] [lễ | dịp] {pattern}", lambda name=name: Named(name))
        for name, patterns in _NAMED_DAYS.items()
        for pattern in patterns
    ]


WORD_RULES: dict[str, Sequence[Rule]] = {
    "offset": _constants(
        {
            "(này | nầy | ni | nay)": 0,
            "(trước | rồi | vừa rồi | vừa qua)": -1,
            "trước nữa": -2,
            "(sau | tới | sắp tới | kế | kế tiếp | tiếp theo)": 1,
            "(sau nữa | tới nữa)": 2,
        }
    ),
    "relative-year": _constants(
        {
            "năm (nay | này | nầy | ni)": FromNow(0),
            "năm (ngoái | trước | rồi | vừa rồi | vừa qua)": FromNow(-1),
            "năm kia": FromNow(-2),
            "(năm sau | năm tới | sang năm)": FromNow(1),
        }
    ),
    "count-unit": _constants(
        {
            "(ngày | hôm | bữa)": Unit.DAY,
            "ngày làm việc": Unit.WORKING_DAY,
            "(tuần | tuần lễ)": Unit.WEEK,
            "tháng": Unit.MONTH,
            "(quý | quí)": Unit.QUARTER,
            "năm": Unit.YEAR,
            "(giờ | tiếng | h | giờ đồng hồ | tiếng đồng hồ)": Unit.HOUR,
            "phút": Unit.MINUTE,
        }
    ),
    "portion": _constants(
        {
            "đầu": Portion.BEGINNING,
            "giữa": Portion.MIDDLE,
            "cuối": Portion.END,
            "(nửa đầu)": Portion.FIRST_HALF,
            "(nửa cuối | nửa sau)": Portion.SECOND_HALF,
        }
    ),
    "decade": _constants(
        {"thượng tuần": Portion.BEGINNING, "trung tuần": Portion.MIDDLE, "hạ tuần": Portion.END},
    ),
    "day-part": _constants(
        {
            "[buổi] sáng": DayPart.MORNING,
            "[buổi] trưa": DayPart.NOON,
            "[buổi] chiều": DayPart.AFTERNOON,
            "[buổi] tối": DayPart.EVENING,
            "[ban] đêm": DayPart.NIGHT,
        }
    ),
    "this-unit": [
        Rule("tuần", lambda: FromNowOn(Unit.WEEK, 0)),
        Rule("tháng", lambda: FromNowOn(Unit.MONTH, 0)),
        Rule("(quý | quí)", lambda: FromNowOn(Unit.QUARTER, 0)),
        Rule("năm", lambda: FromNowOn(Unit.YEAR, 0)),
    ],
    "named-day": _named_days(),
}
"""Name to patterns."""

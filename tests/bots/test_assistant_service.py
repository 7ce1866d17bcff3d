from bots.assistant.model import Leader
from bots.assistant.rendering import card_answer, unit_answer
from bots.assistant.service import AssistantService
from bots.testing.province import SmallDirectory, person, post, small_province
from huep.catalogue import Locale
from huep.directory.model import PostKind, Standing

PROVINCE = small_province()
SERVICE = AssistantService(PROVINCE)


def someone(localpart: str):
    found = PROVINCE.person_of(f"@{localpart}:hue.localhost")
    assert found is not None
    return found


def test_staff_are_told_the_deputy_while_the_head_is_away() -> None:
    leader = SERVICE.card(someone("an")).leader
    assert leader == Leader("Phạm Thị Mai", "Phó Trưởng phòng", "Phòng Tổ chức biên chế", Standing.DEPUTY)


def test_a_head_is_led_from_the_unit_above() -> None:
    leader = SERVICE.card(someone("truong-phong")).leader
    assert leader is not None
    assert (leader.full_name, leader.unit_name) == ("Trần Thị Hoà", "Sở Nội vụ")


def test_a_deputy_who_stands_in_is_led_from_the_unit_above() -> None:
    leader = SERVICE.card(someone("pho-phong")).leader
    assert leader is not None
    assert leader.full_name == "Trần Thị Hoà"


def test_where_a_unit_has_no_leader_the_next_above_leads() -> None:
    leader = SERVICE.card(someone("binh")).leader
    assert leader is not None
    assert leader.unit_name == "Sở Nội vụ"


def test_nobody_leads_the_head_of_the_province() -> None:
    assert SERVICE.card(someone("chu-tich")).leader is None


def test_a_card_names_every_post_with_its_kind() -> None:
    card = SERVICE.card(someone("an"))
    assert [(line.unit_name, line.kind) for line in card.posts] == [
        ("Phòng Tổ chức biên chế", PostKind.MAIN),
        ("Phường Vỹ Dạ", PostKind.SECONDMENT),
    ]
    assert [unit.code for unit in card.unit_path] == ["HUE", "SNV", "SNV-TC"]


def test_the_unit_view_goes_from_the_province_to_the_units_directly_below() -> None:
    view = SERVICE.unit_view(someone("giam-doc"))
    assert view is not None
    assert [unit.code for unit in view.path] == ["HUE", "SNV"]
    assert [unit.code for unit in view.below] == ["SNV-TC", "SNV-VP"]
    assert view.headcount == 6


def test_a_person_without_a_post_is_told_so() -> None:
    nobody = person("moi", "Người Mới")
    service = AssistantService(SmallDirectory(nobody))
    assert service.unit_view(nobody) is None
    assert "không giữ vị trí nào" in unit_answer(None, Locale.VI).body
    assert service.card(nobody).leader is None


def test_the_tree_reads_as_a_tree() -> None:
    answer = unit_answer(SERVICE.unit_view(someone("giam-doc")), Locale.VI)
    assert answer.body == (
        "UBND thành phố Huế\n"
        "└─ Sở Nội vụ ← bạn ở đây\n"
        "   ├─ Phòng Tổ chức biên chế\n"
        "   └─ Văn phòng Sở\n"
        "\n"
        "Lãnh đạo: Trần Thị Hoà, Giám đốc Sở\n"
        "Số người có tài khoản: 6 người"
    )


def test_a_card_reads_in_both_languages() -> None:
    card = SERVICE.card(someone("an"))
    assert card_answer(card, Locale.VI).body == (
        "Nguyễn Thị An\n"
        "Mã cán bộ: CB-an\n"
        "Chức vụ: Chuyên viên, Phòng Tổ chức biên chế\n"
        "Biệt phái: Cán bộ tăng cường, Phường Vỹ Dạ\n"
        "Đơn vị: UBND thành phố Huế › Sở Nội vụ › Phòng Tổ chức biên chế\n"
        "Lãnh đạo trực tiếp: Phạm Thị Mai, Phó Trưởng phòng, Phòng Tổ chức biên chế (đang phụ trách thay)"
    )
    assert "Secondment: Cán bộ tăng cường, Phường Vỹ Dạ" in card_answer(card, Locale.EN).body


def test_names_from_the_register_are_no_markup() -> None:
    card = AssistantService(PROVINCE).card(person("x", "<b>Tên & Họ</b>", post("VYDA", "<i>")))
    assert "&lt;b&gt;Tên &amp; Họ&lt;/b&gt;" in card_answer(card, Locale.VI).html
    assert "<i>" not in card_answer(card, Locale.VI).html

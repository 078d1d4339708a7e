"""What is pending: whom a collective's name means, and what who may not know why is told."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from workflow.awards import AwardJudgement, Pending, ProceedingKind, RuleFinding
from workflow.commands.proceedings import Against, require_other
from workflow.definition.parts import Label
from workflow.errors import NotPermittedRefusal
from workflow.lookups.proceedings import departments_in, stands_for, untold, veiled
from workflow.messages import lazy
from workflow.model import DepartmentId, Person, PersonId, Position
from workflow.people import build_directory

CALLED = {
    DepartmentId("ls"): ["Phòng Lãnh sự", "Phòng Kiều bào"],
    DepartmentId("ls2"): ["Phòng Lãnh sự 2"],
    DepartmentId("vp"): ["Văn phòng Sở"],
}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Phòng Lãnh sự", {"ls"}),
        ("phong lanh su", {"ls"}),
        ("Tập thể Phòng Lãnh sự, Sở Ngoại vụ", {"ls"}),
        ("Phòng Lãnh sự 2", {"ls2"}),
        ("Phòng Lãnh sự 2 và Phòng Lãnh sự", {"ls", "ls2"}),
        ("Phòng Lãnh sự và Văn phòng Sở", {"ls", "vp"}),
        ("Tập thể Phòng Kiều bào", {"ls"}),
        ("Phòng  Lãnh\u00a0 sự", {"ls"}),
        ("Phòng Lãnh\u200c sự\ufe0f", {"ls"}),
        ("Phòng Lã\u200anh\u3164 s\u034fự", {"ls"}),
        ("Рhòng Lãnh ѕự", {"ls"}),
        ("PΗὸng Lãnh-sự", {"ls"}),  # Greek letters
        ("Ｐｈòng 𝐋ãnh sự", {"ls"}),
        ("Phòng Iãnh sự", {"ls"}),
        ("Phòng Lãnh sựng", set()),
        ("Phòng Hợp tác quốc tế", set()),
        ("", set()),
    ],
)
def test_a_collective_is_known_by_the_departments_that_its_name_names(said, named):
    assert set(departments_in(said, CALLED)) == named


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("Phòng Lãnh  sự", True),
        ("Tập thể PHÒNG LÃNH SỰ", True),
        ("Phòng Lãnh sự, Sở Ngoại vụ", True),
        ("Phòng Lãnh sự 2", False),
        ("Phòng Lãnh sự và Kiều bào", False),
        ("Phòng Lãnh", False),
    ],
)
def test_no_name_takes_over_by_what_another_department_is_known(name, takes):
    assert stands_for(name, "Phòng Lãnh sự") is takes


def finding(rule, effect, *, secret):
    return RuleFinding(
        rule=rule,
        effect=effect,
        label=Label(vi=rule, en=rule),
        source="Nghị định",
        is_verified=True,
        is_confidential=secret,
    )


def judged(*findings):
    return AwardJudgement(regime="r", findings=findings, required=Fraction(1))


def test_who_may_not_know_why_learns_that_it_is_held_and_whom_to_ask():
    open_one = finding("papers", "warn", secret=False)
    told = veiled(
        judged(
            finding("hold", "refuse", secret=True),
            finding("after_discipline", "refuse", secret=True),
            open_one,
        ),
        "Văn phòng Sở",
    )
    assert [(each.rule, each.source, each.found) for each in told.findings] == [
        ("held", "", None),
        ("papers", "Nghị định", None),
    ]
    assert "Văn phòng Sở" in str(told.findings[0].label)
    assert told.outcome == "refused"


def test_what_only_warns_of_it_is_not_for_them_and_who_may_know_reads_all():
    warned = judged(finding("hold", "warn", secret=True))
    assert veiled(warned, "Văn phòng Sở").findings == ()
    assert veiled(warned, "") == warned


def test_what_a_nomination_says_of_itself_stays_whatever_is_pending():
    alone = replace(finding("hold", "refuse", secret=False), found=lazy("own words"))
    both = replace(
        alone, found=lazy("secret"), is_confidential=True, found_openly=lazy("own words")
    )
    assert untold(judged(both)) == untold(judged(alone)) == judged(alone)
    assert untold(judged(finding("hold", "refuse", secret=True))).findings == ()


def test_nobody_is_held_on_the_day_that_it_ends():
    pending = Pending(kind=ProceedingKind.PRESS, since=date(2025, 1, 2), ended_on=date(2025, 2, 3))
    days = (date(2025, 1, 1), date(2025, 1, 2), date(2025, 2, 2), date(2025, 2, 3))
    assert [pending.is_pending_on(each) for each in days] == [False, True, True, False]


def member(number, department):
    return Person(
        id=PersonId(number),
        email=f"o{number}@so.example",
        name="O",
        position=Position.OFFICER,
        department=DepartmentId(department),
    )


@pytest.mark.parametrize(("others", "may"), [(["vp"], True), (["ls"], False)])
def test_nobody_ends_what_is_against_their_department_where_somebody_of_another_can(others, may):
    own = member(1, "vp")
    people = [own, *(member(2 + place, each) for place, each in enumerate(others))]
    directory = build_directory(people, [], [], "2026-01-05")
    against = Against(department=DepartmentId("vp"))
    if may:
        require_other(directory, own, against)
    else:
        with pytest.raises(NotPermittedRefusal):
            require_other(directory, own, against)

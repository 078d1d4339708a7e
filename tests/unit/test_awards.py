"""Awards: the table of cases, the language of the file, and that verdicts follow the file."""

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.unit.test_definitions import FOLDER
from workflow.awards import (
    Case,
    Elsewhere,
    PastAward,
    Pending,
    ProceedingKind,
    awards_schema,
    judge,
    load_awards,
)
from workflow.errors import InvalidInputError

TEXT = (FOLDER / "awards.yaml").read_text("utf-8")
TABLE = YAML(typ="safe").load(
    (FOLDER.parent / "tests" / "unit" / "award_cases.yaml").read_text("utf-8")
)
DAY = date(2022, 12, 5)


@cache
def shipped():
    return load_awards(TEXT, "awards.yaml")


def changed(*replacements):
    text = TEXT
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def pair(text):
    return tuple(int(each) for each in text.split("/")) if text else None


def days(text):
    return tuple(date.fromisoformat(each) for each in text.split("/")) if text else None


def case_of(row):
    past = tuple(
        PastAward(
            award=award,
            year=year,
            commendation=row.get("commendation", "regular"),
            campaign=row.get("past_campaign", ""),
            is_withdrawn=year in row.get("withdrawn", ()),
        )
        for award, years in row.get("past", {}).items()
        for year in years
    )
    period = days(row.get("period")) or (None, None)
    papers, quota = row.get("papers"), pair(row.get("quota"))
    return Case(
        award=row["award"],
        day=row["day"],
        kind=row.get("kind", "individual"),
        procedure=row.get("procedure", "council"),
        ground=row.get("ground", ""),
        campaign=row.get("campaign", ""),
        movement=days(row.get("movement")),
        first_day=period[0],
        last_day=period[1],
        past=past,
        elsewhere=tuple(Elsewhere(code=each, campaign="") for each in row.get("elsewhere", ())),
        hold=row.get("hold", ""),
        discipline_served_on=row.get("served"),
        proceedings=tuple(
            Pending(
                kind=ProceedingKind(each["kind"]),
                since=each["since"],
                ended_on=each.get("ended"),
                served_on=each.get("served"),
            )
            for each in row.get("proceedings", ())
        ),
        considered_on=row.get("considered"),
        facts={**TABLE["profiles"][row.get("profile", "none")], **row.get("facts", {})},
        papers=frozenset(papers) if papers is not None else None,
        votes=pair(row.get("votes")),
        put_forward=quota[0] if quota else None,
        bases={"ldtt": quota[1]} if quota else {},
        leaders=pair(row.get("leaders")),
    )


def outcomes(awards):
    return {row["n"]: judge(awards, case_of(row)).outcome for row in TABLE["cases"]}


def test_the_table_has_at_least_a_hundred_cases_and_each_its_number():
    assert [row["n"] for row in TABLE["cases"]] == list(range(1, len(TABLE["cases"]) + 1))
    assert len(TABLE["cases"]) >= 100


@pytest.mark.parametrize("row", TABLE["cases"], ids=lambda row: f"{row['n']}-{row['award']}")
def test_a_case_is_judged_by_its_own_day_with_rule_and_source(row):
    verdict = judge(shipped(), case_of(row))
    spoken = [each for each in verdict.findings if not each.is_unknown]
    assert verdict.outcome == row["verdict"], [each.rule for each in spoken]
    assert {each.rule for each in spoken} == set(row.get("rules", ()))
    assert set(row.get("unknown", ())) <= {each.rule for each in verdict.unknown}
    if spoken:
        assert any(row["says"] in each.source for each in spoken)
    assert verdict.regime == shipped().regime(row["day"]).id


def test_what_may_have_been_given_before_the_product_was_there_is_never_held_against_anybody():
    row = next(each for each in TABLE["cases"] if each.get("rules") == ["cstd_tinh_three_years"])
    case = case_of(row)
    assert judge(shipped(), case).outcome == "refused"
    verdict = judge(shipped(), replace(case, is_past_whole=False))
    assert verdict.outcome == "eligible"
    assert "cstd_tinh_three_years" in {each.rule for each in verdict.unknown}


def test_every_rule_of_the_file_speaks_in_the_table():
    spoken = {rule for row in TABLE["cases"] for rule in row.get("rules", ())}
    silent = {each.id for each in shipped().rules} - spoken
    # What only says what counts elsewhere has no finding of its own; one share is named like another.
    assert silent == {"themed_not_counted", "vote_government_flag"}


@pytest.mark.parametrize(
    ("old", "new", "numbers"),
    [
        (
            "    share: 15%\n    of: ldtt\n    awards",
            "    share: 20%\n    of: ldtt\n    awards",
            {24, 26, 28, 142, 143},
        ),
        ("    at_least: 10\n", "    at_least: 9\n", {4}),
        ("    years: 3\n", "    years: 2\n", {40, 41}),
        ("    share: 70%\n    label", "    share: 65%\n    label", {16, 34, 102}),
        ("    months: 36\n", "    months: 8\n", {104, 106}),
        ("    above: 1/2\n", "    above: 45%\n", {66}),
        (
            "    below: 40\n    unless: maternity\n    effect: warn\n",
            "    below: 40\n    unless: maternity\n    effect: refuse\n",
            {7},
        ),
        (
            "    awards: [cstd_co_so]\n    in_force_until: 2023-12-31\n    label",
            "    rounding: up\n    awards: [cstd_co_so]\n    in_force_until: 2023-12-31\n    label",
            {26, 28, 142, 143},
        ),
    ],
)
def test_a_rule_changed_in_the_file_changes_these_verdicts_and_no_other(old, new, numbers):
    before, after = outcomes(shipped()), outcomes(load_awards(changed((old, new)), "awards.yaml"))
    assert {number for number in before if before[number] != after[number]} == numbers


def test_a_province_replaces_a_rule_from_its_own_day_by_its_own_source():
    own = load_awards(
        TEXT
        + """
  - id: province_cap
    kind: cap
    share: 10%
    of: ldtt
    awards: [cstd_co_so]
    replaces: [cstd_co_so_cap_2024]
    in_force_from: 2024-11-08
    label: {vi: Không quá 10% theo quy định của tỉnh, en: At most 10 % by the province}
    source: khoản 2 Điều 7 Quy định của tỉnh
""",
        "awards.yaml",
    )
    case = case_of({**TABLE["cases"][29], "day": date(2024, 11, 8), "quota": "3/20"})
    (found,) = judge(own, case).of("refuse")
    assert (found.rule, found.source) == ("province_cap", "khoản 2 Điều 7 Quy định của tỉnh")
    before = case_of({**TABLE["cases"][29], "day": date(2024, 11, 7), "quota": "3/20"})
    assert judge(own, before).outcome == "eligible"


def test_each_cap_is_counted_of_its_own_award():
    own = load_awards(
        changed(
            (
                "\nrules:\n",
                """
rules:
  - id: own_cap
    kind: cap
    share: 10%
    of: bang_khen_tinh
    awards: [cstd_co_so]
    label: {vi: Không quá 10%, en: At most 10 %}
    source: khoản 4 Điều 7 Quy định của tỉnh
""",
            )
        ),
        "awards.yaml",
    )
    case = replace(case_of(TABLE["cases"][20]), put_forward=4)
    for bases, refusing in (
        ({"bang_khen_tinh": 100, "ldtt": 20}, {"cstd_co_so_cap"}),
        ({"bang_khen_tinh": 30, "ldtt": 40}, {"own_cap"}),
        ({"ldtt": 20}, {"cstd_co_so_cap"}),
    ):
        judged = judge(own, replace(case, bases=bases))
        assert {each.rule for each in judged.of("refuse")} == refusing
    assert "own_cap" in {each.rule for each in judged.unknown}


@pytest.mark.parametrize(
    ("put_forward", "refused", "unknown"),
    [(2, False, False), (3, True, False), (None, False, True)],
)
def test_a_quota_lets_so_many_of_a_movement_pass_and_says_where_nobody_counted(
    put_forward, refused, unknown
):
    own = load_awards(
        TEXT
        + """
  - id: province_quota
    kind: quota
    most: 2
    awards: [giay_khen]
    label: {vi: Mỗi phong trào không quá hai Giấy khen, en: At most two in a movement}
    source: khoản 3 Điều 7 Quy định của tỉnh
""",
        "awards.yaml",
    )
    verdict = judge(
        own, Case(award="giay_khen", day=DAY, kind="collective", put_forward=put_forward)
    )
    assert ("province_quota" in {each.rule for each in verdict.of("refuse")}) is refused
    assert ("province_quota" in {each.rule for each in verdict.unknown}) is unknown


@given(
    agreed=st.integers(0, 200),
    members=st.integers(1, 200),
    award=st.sampled_from(sorted(shipped().all)),
    day=st.dates(date(2005, 1, 1), date(2030, 1, 1)),
)
def test_a_vote_passes_exactly_where_the_fraction_of_all_members_reaches_the_share(
    agreed, members, award, day
):
    share = shipped().threshold(award, day)
    verdict = judge(
        shipped(), Case(award=award, day=day, kind="individual", votes=(agreed, members))
    )
    rule = shipped().vote(award, day)
    fails = rule.id in {each.rule for each in verdict.of("refuse")}
    assert fails is (agreed * share.denominator < share.numerator * members)


def test_thresholds_are_exact_fractions_and_an_unknown_award_needs_what_all_need():
    awards = shipped()
    assert awards.threshold("cstd_tinh", DAY) == Fraction(9, 10)
    assert awards.threshold("cstd_tinh", date(2024, 1, 1)) == Fraction(4, 5)
    assert awards.threshold("giay_khen", DAY) == Fraction(7, 10)
    assert awards.threshold("no_such_award", DAY) == Fraction(7, 10)


@pytest.mark.parametrize(
    ("award", "here"),
    [
        ("giay_khen", True),
        ("ldtt", True),
        ("cstd_co_so", True),
        ("tt_ldtt", True),
        ("bang_khen_tinh", False),
        ("cstd_tinh", False),
        ("tt_ldxs", False),
        ("giay_khen_cong_an_tinh", False),
        ("bang_khen_bo_cong_an", False),
    ],
)
def test_the_director_awards_what_article_80_names_and_nothing_else(award, here):
    for day in (DAY, date(2024, 6, 1), date(2025, 12, 1)):
        assert shipped().is_decided_here(award, day) is here


def test_the_form_of_the_report_is_that_of_the_day():
    codes = {each.id: each.form for each in shipped().papers_of("giay_khen", DAY)}
    assert codes["achievement_report"] == "Mẫu số 07"
    later = {each.id: each.form for each in shipped().papers_of("giay_khen", date(2024, 1, 1))}
    assert later["achievement_report"] is None
    assert "council_minutes" not in {
        each.id for each in shipped().papers_of("giay_khen", DAY, "simplified")
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("  - id: ldtt\n", "  - id: cstd_co_so\n", "titles", "stands twice"),
        ("authority: president", "authority: king", "authority", "'king' is not in this file"),
        ("    award: cstd_co_so\n", "    award: cstd_xa\n", "award: cstd_xa", "'cstd_xa'"),
        ("    in_force_from: 2025-07-01\n    bases", "    in_force_from: 2025-07-02\n    bases", "", "has a regime"),
        ("    in_force_from: 2024-01-01\n    in_force_until: 2025-06-30\n    bases", "    in_force_from: 2023-12-31\n    in_force_until: 2025-06-30\n    bases", "", "twice"),
        ("share: 90%", "share: 190%", "share: 190%", "at most 1"),
        ("share: 90%", "share: nine", "share: nine", "fraction or in per cent"),
        ("kind: vote\n    share: 90%", "kind: ballot\n    share: 90%", "", "ballot"),
        ("    fact: meets_ldtt\n", "    fact: meets_all\n", "fact: meets_all", "'meets_all'"),
        ('in_force_from: 2024-01-01, source: "khoản 1 Điều 80', 'in_force_from: 2024-02-01, source: "khoản 1 Điều 80', "", "competent authority"),
        ("    awards: [cstd_tinh, tt_ldxs, co_thi_dua_tinh, bang_khen_tinh]\n    in_force_from: 2024-01-01", "    awards: [cstd_tinh, tt_ldxs]\n    in_force_from: 2023-01-01", "", "another share"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_said_in_one_sentence_with_its_line(old, new, line, says):
    text = changed((old, new))
    with pytest.raises(InvalidInputError) as caught:
        load_awards(text, "awards.yaml")
    sentences = [str(each) for each in caught.value.problems]
    assert any(says in each for each in sentences), sentences
    for each in sentences:
        name, number = each.split(":")[:2]
        assert name == "awards.yaml"
        assert int(number) > 1
    if line.endswith(new.strip().split(": ", 1)[-1]):
        row = next(place for place, each in enumerate(text.splitlines(), 1) if line in each)
        assert any(each.startswith(f"awards.yaml:{row}:") for each in sentences)


def test_the_schema_for_editors_is_current():
    kept = json.loads((FOLDER / "schema" / "awards.json").read_text("utf-8"))
    assert kept == awards_schema(), (
        "run: thidua check --schema awards > definitions/schema/awards.json"
    )


@pytest.mark.parametrize(
    ("award", "procedure", "ground", "is_doubted"),
    [
        ("bang_khen_tinh", "simplified", "Đợt phát động, thuộc thẩm quyền của Giám đốc Sở", True),
        ("giay_khen", "simplified", "Đợt phát động, thuộc thẩm quyền của GIÁM ĐỐC SỞ", False),
        ("giay_khen", "simplified", "Văn bản của Chủ tịch Ủy ban nhân dân tỉnh", True),
        ("bang_khen_tinh", "simplified", "Giám đốc Sở trình Chủ tịch Ủy ban nhân dân tỉnh", False),
        ("bang_khen_tinh", "simplified", "Thành tích đột xuất", False),
        ("bang_khen_tinh", "council", "thuộc thẩm quyền của Giám đốc Sở", False),
    ],
)
def test_a_ground_that_names_another_authority_than_the_one_that_decides_is_doubted(
    award, procedure, ground, is_doubted
):
    case = Case(award=award, day=DAY, kind="collective", procedure=procedure, ground=ground)
    warned = {each.rule for each in judge(shipped(), case).of("warn")}
    assert ("ground" in warned) is is_doubted

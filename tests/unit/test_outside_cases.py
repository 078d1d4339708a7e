"""Cases kept outside the project: each is run once, and one that fails is not overlooked."""

import pytest

from tests import outside_cases


def case(folder, name: str, status: int) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "repro.py").write_text(
        f"import sys; print('seen', len(sys.argv)); sys.exit({status})", "utf-8"
    )


def test_one_case_that_fails_makes_the_whole_fail_and_is_named(tmp_path, capsys):
    case(tmp_path, "public/holds", 0)
    case(tmp_path, "attacks/gets-in", 1)
    assert outside_cases.main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "attacks/gets-in: 1" in said
    assert "1 of 2 cases held." in said
    assert outside_cases.main([str(tmp_path), "holds"]) == 0


@pytest.mark.parametrize("words", [[], ["nowhere"]])
def test_a_folder_without_cases_is_no_success(words, tmp_path, capsys):
    assert outside_cases.main([str(tmp_path / each) for each in words]) == 2
    assert "None was found" in capsys.readouterr().err

"""`podium bench --self-check`: the same against itself."""

import json

from conftest import Shell, assert_one_error


def test_copies_of_a_candidate_are_compared_with_each_other(shell: Shell) -> None:
    done = shell.bench("--self-check", "--copies", "3", "--set", "fake.latency-us=2000,3000", "--launches", "3", "--json", "r.json")
    assert done.returncode == 0, done.stderr
    document = json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))
    assert len(document["cells"]) == 6
    check = document["self_check"]
    assert (check["copies"], check["pairs"]) == (3, 6), "three pairs of each candidate, none across candidates"
    assert check["false_winners"] == len(check["told_apart"])
    assert "pairs of equal cells were told apart" in done.stdout
    assert f"{check['false_winners']} of 6" in done.stdout


def test_a_run_without_self_check_says_nothing_of_it(shell: Shell) -> None:
    done = shell.bench("--json", "r.json")
    assert json.loads((shell.folder / "r.json").read_text(encoding="utf-8"))["self_check"] is None
    assert "Self-check" not in done.stdout


def test_one_copy_is_no_self_check(shell: Shell) -> None:
    assert_one_error(shell.bench("--self-check", "--copies", "1"), 2, "--copies")

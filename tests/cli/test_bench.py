"""A whole run with the fake backend: what is printed, what is written, and that both agree."""

import csv
import json

from conftest import Shell, small_model

import onnx

QUICK = ("--launches", "1", "--warm-up", "50ms", "--budget", "300ms")
THREE_FILES = ("--json", "r.json", "--csv", "r.csv", "--markdown", "r.md")


def cells_of(shell: Shell, name: str = "r.json") -> list[dict]:
    document = json.loads((shell.folder / name).read_text(encoding="utf-8"))
    assert document["schema"] == "podium.results/1"
    return document["cells"]


def test_faster_candidate_is_ranked_first_everywhere(shell: Shell) -> None:
    done = shell.bench("--batch", "1,4", "--set", "fake.latency-us=8000,2000", *THREE_FILES)
    assert done.returncode == 0, done.stderr
    cells = cells_of(shell)
    assert len(cells) == 4
    for batch in (1, 4):
        fast, slow = sorted((cell for cell in cells if cell["batch"] == batch), key=lambda cell: cell["rank"])
        assert fast["options"]["latency-us"] == 2000 and slow["options"]["latency-us"] == 8000
        assert (fast["rank"], slow["rank"]) == (1, 2)
        assert 2.0 < fast["latency_ms"]["median"] < 8.0 < slow["latency_ms"]["median"]
        assert fast["throughput"] is None and "--mode both" in fast["missing"]["throughput"]
        assert {cell["is_baseline"] for cell in (fast, slow)} == {True, False}
    rows = list(csv.DictReader((shell.folder / "r.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["id"] for row in rows] == [cell["id"] for cell in cells]
    assert [float(row["median_ms"]) for row in rows] == [cell["latency_ms"]["median"] for cell in cells]
    assert (shell.folder / "r.md").read_text(encoding="utf-8").count("| fake") == 4
    first, second = done.stdout.split("Batch 1 ")[1].split("Batch 4 ")
    for text in (first, second):
        assert text.index("latency-us=2000") < text.index("latency-us=8000")
    assert "faster" in done.stdout or "slower" in done.stdout


def test_throughput_is_measured_where_it_is_asked_for(shell: Shell) -> None:
    done = shell.bench("--batch", "2", "--threads", "1", "--mode", "both", "--set", "fake.latency-us=20000", *THREE_FILES)
    assert done.returncode == 0, done.stderr
    cell = cells_of(shell)[0]
    found = cell["throughput"]
    assert set(found["tried"]) == {"1", "2"}
    assert found["per_s"] == found["tried"][str(found["requests"])]
    assert found["tried"]["1"] <= 2 / 0.020, "inputs a second, two in each call"
    low, high = found["ci95"]
    assert low <= found["per_s"] <= high
    shown = f"@{found['requests']}"
    assert shown in done.stdout and shown in (shell.folder / "r.md").read_text(encoding="utf-8")
    row = next(csv.DictReader((shell.folder / "r.csv").read_text(encoding="utf-8").splitlines()))
    assert float(row["throughput_per_s"]) == found["per_s"] and int(row["throughput_requests"]) == found["requests"]


def test_cell_that_mixes_up_requests_is_rejected(shell: Shell) -> None:
    done = shell.bench("--batch", "2", "--mode", "both", "--set", "fake.latency-us=5000", "--set", "fake.mixed-answers=off,on", "--json", "r.json")
    assert done.returncode == 1
    right, wrong = sorted(cells_of(shell), key=lambda cell: cell["options"]["mixed-answers"])
    assert right["status"] == "ok" and right["throughput"]
    assert wrong["status"] == "rejected" and "requests in flight" in wrong["reason"]


def test_samples_of_all_blocks_are_in_the_results(shell: Shell) -> None:
    assert shell.bench("--set", "fake.latency-us=3000", "--json", "r.json").returncode == 0
    cell = cells_of(shell)[0]
    scored = [sample for block in cell["blocks"] if not block["set_aside"] for sample in block["samples_ns"]]
    assert len(scored) == cell["latency_ms"]["n"]
    assert min(scored) >= 3_000_000
    assert len({block["round"] for block in cell["blocks"]}) >= 3


def test_cells_take_turns(shell: Shell) -> None:
    assert shell.bench("--set", "fake.latency-us=1000,2000,3000", "--json", "r.json").returncode == 0
    blocks = sorted((block["start_ns"], cell["id"]) for cell in cells_of(shell) for block in cell["blocks"])
    order = [identity for _, identity in blocks]
    assert len(set(order)) == 3
    assert all(before != after for before, after in zip(order, order[1:], strict=False))


def test_journal_holds_the_same_run(shell: Shell) -> None:
    assert shell.bench("--json", "r.json").returncode == 0
    lines = [json.loads(line) for line in (shell.folder / "r.json.journal").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["kind"] == "head"
    blocks = [line["block"] for line in lines if line["kind"] == "block"]
    assert blocks == cells_of(shell)[0]["blocks"]


def test_every_null_has_its_reason(shell: Shell) -> None:
    shell.bench("--set", "fake.crash-at=never,load", "--json", "r.json")
    for cell in cells_of(shell):
        for key, value in cell.items():
            if value is None and key != "failure":
                assert cell["missing"][key], key


def test_generated_inputs_are_told(shell: Shell) -> None:
    done = shell.bench()
    assert "generated" in done.stdout and "--data" in done.stdout


def test_model_with_a_fixed_batch_runs_at_that_batch(shell: Shell) -> None:
    onnx.save(small_model(batch=2), shell.folder / "fixed.onnx")
    done = shell.run("bench", "fixed.onnx", "--backends", "fake", "--precisions", "fp32", *QUICK, "--json", "r.json")
    assert done.returncode == 0, done.stderr
    assert [cell["batch"] for cell in cells_of(shell)] == [2]
    other = shell.run("bench", "fixed.onnx", "--backends", "fake", "--precisions", "fp32", "--batch", "3", "--json", "r.json")
    assert other.returncode == 3
    assert [cell["status"] for cell in cells_of(shell)] == ["unsupported"]
    assert "--batch 2" in other.stdout


def test_quiet_run_prints_the_table_and_nothing_else(shell: Shell) -> None:
    done = shell.bench("--quiet")
    assert done.stderr == ""
    assert "Batch 1" in done.stdout


def test_run_without_a_results_file_says_how_to_keep_it(shell: Shell) -> None:
    done = shell.bench()
    assert "--json" in done.stderr
    assert sorted(file.name for file in shell.folder.iterdir() if file.name != "cache") == ["model.onnx"]


def test_same_seed_gives_the_same_order(shell: Shell) -> None:
    def order(seed: str) -> list[str]:
        assert shell.bench("--set", "fake.latency-us=1000,2000,3000", "--seed", seed, "--json", "r.json").returncode == 0
        blocks = sorted((block["start_ns"], cell["id"]) for cell in cells_of(shell) for block in cell["blocks"])
        return [identity for _, identity in blocks][:9]

    assert order("5") == order("5")


def test_inspect_tells_what_is_in_the_model_and_what_to_do_next(shell: Shell) -> None:
    done = shell.run("inspect", "model.onnx")
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("features", "float32 [batch, 4]", "MatMul  1", "ai.onnx 17", "parameters  12", "podium bench model.onnx --batch 1,8"):
        assert text in done.stdout


def test_command_that_inspect_gives_runs(shell: Shell) -> None:
    command = shell.run("inspect", "model.onnx").stdout.rsplit("Measure it: podium ", 1)[1].split()
    done = shell.run(*command, "--backends", "fake", *QUICK)
    assert done.returncode == 0, done.stderr


def test_doctor_names_every_backend_and_the_mend_of_what_is_missing(shell: Shell) -> None:
    done = shell.run("doctor")
    assert done.returncode == 0 and "fake" in done.stdout
    lines = done.stdout.splitlines()
    for number, line in enumerate(lines):
        if "missing –" in line:
            assert any("try: " in later for later in lines[number:number + 6]), line


def test_doctor_lists_options_as_set_takes_them(shell: Shell) -> None:
    text = shell.run("doctor", "--options").stdout
    assert "fake.latency-us = 0 … 60000000" in text
    assert "fake.output = correct | constant" in text

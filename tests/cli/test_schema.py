"""The published schemas: they are schemas, and hold what the program writes and nothing less. Every other test's files are held to them too."""

import copy
import json
from pathlib import Path

import pytest

from conftest import SCHEMAS, Shell, folder_of_run
from histories import run_at, write_runs

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed: scripts/setup --tests")


def load(name: str) -> dict:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def faults(name: str, document: dict) -> list[str]:
    return [fault.json_path for fault in jsonschema.Draft202012Validator(load(name)).iter_errors(document)]


def assert_faults_are_found(name: str, document: dict, spoilt: list[tuple[tuple[str | int, ...], object]]) -> None:
    """Each of these values, and its key left out."""
    for path, wrong in spoilt:
        broken = copy.deepcopy(document)
        place = broken
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = wrong
        assert faults(name, broken), path
        del place[path[-1]]
        assert faults(name, broken), path


@pytest.mark.parametrize("name", ["results-1", "comparison-1", "conversion-1", "diagnosis-1", "history-1", "search-1", "artifact-1"])
def test_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(load(name))
    assert load(name)["properties"]["schema"]["const"] == "podium." + name.replace("-", "/")


def test_results_keep_to_their_schema_and_it_finds_what_is_wrong(shell: Shell) -> None:
    assert shell.bench("--set", "fake.crash-at=never,load", "--json", "results.json").returncode == 1
    results = json.loads((shell.folder / "results.json").read_text())
    assert faults("results-1", results) == []
    assert_faults_are_found("results-1", results, [(("cells", 0, "status"), "fine"), (("cells", 0, "latency_ms", "median"), "fast"), (("cells", 0, "blocks", 0, "samples_ns"), [1.5]),
                                                   (("environment", "warnings"), None), (("schema",), "podium.results/2")])


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a search of a moment, with its log and an artefact."""
    return folder_of_run(tmp_path_factory, "optimize", "model.onnx", "--backends", "fake", "--precisions", "fp32", "--set", "fake.output=constant", "--set", "fake.latency-us=500,3000",
                         "--budget", "5s", "--warm-up", "50ms", "--search-log", "search.json", "-o", "best")


def test_search_and_manifest_keep_to_their_schemas_which_find_what_is_wrong(searched: Path) -> None:
    for file, name, spoilt in (("search.json", "search-1", [(("winners", 0, "batch"), 0), (("log", 0, "reason"), None), (("preset",), "usual"), (("pareto_front", 0, "latency_ms"), None)]),
                               ("best/artifact.json", "artifact-1", [(("variants",), []), (("variants", 0, "precision"), "int4"), (("variants", 0, "median_ms"), "fast"), (("machine", "isa"), "avx2")])):
        document = json.loads((searched / file).read_text(encoding="utf-8"))
        assert faults(name, document) == []
        assert_faults_are_found(name, document, spoilt)


def test_doctor_prints_json_that_keeps_to_its_schema(shell: Shell) -> None:
    done = shell.run("doctor", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert faults("diagnosis-1", found) == []
    fake = next(backend for backend in found["backends"] if backend["name"] == "fake")
    assert fake["available"] and fake["reason"] is None and fake["remedy"] is None and fake["place"] is None, "it is part of Podium"
    here = [backend for backend in found["backends"] if backend["available"] and backend is not fake]
    assert all(Path(backend["place"]).exists() for backend in here), here
    assert all(line in shell.run("doctor").stdout for line in (f" {backend['place']}\n" for backend in here)), "whole, to be copied"
    for backend in found["backends"]:
        assert backend["available"] or backend["reason"], backend


def test_every_key_of_the_files_is_in_the_schema(shell: Shell, searched: Path) -> None:
    """A key that is added must be published: no object of the schema's own may hold one that it does not name."""
    assert shell.bench("--json", "results.json").returncode == 0
    run = json.loads((shell.folder / "results.json").read_text())
    (shell.folder / "after.json").write_text(json.dumps(run | {"started": "2026-03-01T03:15:00Z"}), encoding="utf-8")
    assert shell.run("compare", "results.json", "after.json", "--json", "comparison.json").returncode == 0
    times = {cell["id"]: 2.0 for cell in run["cells"]}
    names = write_runs(shell.folder, [run_at(run, day, {name: ms * (1.2 if day > 3 else 1.0) for name, ms in times.items()}) for day in range(8)])
    assert shell.run("compare", *names, "--json", "history.json").returncode == 0
    assert json.loads((shell.folder / "history.json").read_text())["cells"][0]["changes"]

    def unknown(schema: dict, value: object, whole: dict, path: str) -> list[str]:
        if "$ref" in schema:
            schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        for choice in schema.get("anyOf", []):
            if choice.get("type") != "null" and value is not None:
                return unknown(choice, value, whole, path)
        if isinstance(value, list) and "items" in schema:
            return [name for one in value for name in unknown(schema["items"], one, whole, path + "[]")]
        if not isinstance(value, dict) or "properties" not in schema:
            return []
        strange = [f"{path}.{key}" for key in value if key not in schema["properties"]]
        return strange + [name for key, one in value.items() if key in schema["properties"] for name in unknown(schema["properties"][key], one, whole, f"{path}.{key}")]

    for folder, file, name in ((shell.folder, "results.json", "results-1"), (shell.folder, "comparison.json", "comparison-1"), (shell.folder, "history.json", "history-1"),
                               (searched, "search.json", "search-1"), (searched, "best/artifact.json", "artifact-1")):
        whole = load(name)
        assert unknown(whole, json.loads((folder / file).read_text()), whole, name) == []

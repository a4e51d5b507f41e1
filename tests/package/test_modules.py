"""podium.optimize() of modules and functions of PyTorch: they are exported, and their answers come back in the structure that they had."""

import collections
import dataclasses
import json
from pathlib import Path

import numpy
import pytest
from conftest import ENGINE

import podium

torch = pytest.importorskip("torch", reason="PyTorch is not installed in this Python (scripts/setup without --light installs it)")

from podium.modules import as_program, naming_of  # noqa: E402
from podium.samples import Batch  # noqa: E402
from podium.structure import take_apart  # noqa: E402
from podium.structure_text import from_json, to_json  # noqa: E402

Pair = collections.namedtuple("Pair", "left right")


@dataclasses.dataclass
class Answer:
    logits: torch.Tensor
    states: tuple
    loss: None = None


class Nested(torch.nn.Module):
    """Answers in a dataclass that holds a tuple with a dictionary in it."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.dropout = torch.nn.Linear(4, 3), torch.nn.Dropout(0.5)

    def forward(self, features, scale=None):
        hidden = self.linear(features) if scale is None else self.linear(features) * scale
        return Answer(self.dropout(hidden), (hidden.relu(), {"sum": hidden.sum(-1)}))


class RowsTogether(torch.nn.Module):
    """Axis 0 is no batch."""

    def forward(self, x):
        return x - x.sum(0, keepdim=True)


@pytest.fixture
def features() -> torch.Tensor:
    return torch.randn(20, 4, generator=torch.Generator().manual_seed(0))


def is_tensor(value: object) -> bool:
    return isinstance(value, torch.Tensor)


@pytest.mark.parametrize("value", [
    torch.ones(1), (torch.ones(1), torch.zeros(2)), [torch.ones(1)], {"a": torch.ones(1), "b": (torch.zeros(1), None, 3)}, Pair(torch.ones(1), "text"),
    Answer(torch.ones(1), (torch.zeros(1), {"sum": torch.ones(2)})), collections.OrderedDict(a=torch.ones(1)), {"a": {"b": torch.ones(1)}, "a.b": torch.zeros(1)},
])
def test_any_structure_is_put_together_as_it_was(value: object) -> None:
    named, structure = take_apart(value, is_tensor)
    assert tuple(named) == structure.names and all(is_tensor(tensor) for tensor in named.values())
    again = structure.rebuild({name: tensor + 1 for name, tensor in named.items()})
    assert type(again) is type(value) and take_apart(again, is_tensor)[1].names == structure.names
    for before, after in zip(named.values(), take_apart(again, is_tensor)[0].values()):
        assert torch.equal(before + 1, after)


    kept = json.loads(json.dumps(to_json(structure)))
    assert from_json(kept, set(named)) == structure, "it is the same when it was kept in an artefact"


def test_structure_of_objects_is_not_kept() -> None:
    assert to_json(take_apart((torch.ones(1), object()), is_tensor)[1]) is None


@pytest.mark.parametrize(("of_class", "way", "instead"), [
    ("nowhere.at.all:Answer", "keywords", dict), ("os:system", "keywords", dict), ("subprocess:Popen", "mapping", dict), ("builtins:exec", "sequence", tuple),
    ("test_modules:NoSuchClass", "places", tuple),
])
def test_class_that_is_not_here_or_none_of_containers_is_not_called(of_class: str, way: str, instead: type) -> None:
    part = {"class": of_class, "way": way, "keys": ["a", "b"], "parts": [{"tensor": True}, {"value": 3}]}
    answer = from_json({"names": ["x"], "whole": part}, {"x"}).rebuild({"x": 1})
    assert type(answer) is instead and answer == ({"a": 1, "b": 3} if instead is dict else (1, 3))


@pytest.mark.parametrize("kept", [
    {}, {"names": ["x"]}, {"names": ["y"], "whole": {"tensor": True}}, {"names": ["x", "x"], "whole": {"tensor": True}},
    {"names": ["x"], "whole": {"class": "builtins:dict", "way": "mapping", "keys": [], "parts": [{"tensor": True}]}},
    {"names": ["x"], "whole": {"class": "builtins:dict", "way": "code", "keys": ["a"], "parts": [{"tensor": True}]}},
])
def test_structure_that_is_none_is_refused(kept: dict) -> None:
    with pytest.raises(podium.BadInput, match="how its outputs go together"):
        from_json(kept, {"x"})


def test_tensors_are_named_by_where_they_are() -> None:
    assert list(take_apart((torch.ones(1), {"b": torch.ones(1)}), is_tensor)[0]) == ["output_0", "output_1.b"]
    assert list(take_apart([torch.ones(1)], is_tensor)[0]) == ["output"] and list(take_apart({"logits": torch.ones(1)}, is_tensor)[0]) == ["logits"]


def test_arrays_go_to_the_arguments_that_take_them(features: torch.Tensor) -> None:
    labels = torch.arange(20)
    naming = naming_of(Nested())
    assert naming((features,)) == (["features"], False)
    assert naming((features, features)) == (["features", "scale"], False)
    assert naming((features, labels)) == (["features"], True)
    assert naming((features, features, labels)) == (["features", "scale"], True)
    with pytest.raises(podium.WrongUse, match="takes features, scale"):
        naming((features,) * 4)
    assert naming_of(lambda *parts: parts[0])((features, features)) == (["input_0", "input_1"], False)


def test_module_answers_as_it_did_and_is_left_as_it_was(features: torch.Tensor, tmp_path: Path) -> None:
    module = Nested()
    module.linear.train()
    best = podium.optimize(module, torch.utils.data.DataLoader(features, batch_size=5), **ENGINE)
    assert module.training and module.linear.weight.requires_grad, "the user's module was changed"
    module.eval()
    answer, expected = best(features), module(features)
    assert type(answer) is Answer and answer.loss is None and isinstance(answer.states, tuple)
    for found, wanted in ((answer.logits, expected.logits), (answer.states[0], expected.states[0]), (answer.states[1]["sum"], expected.states[1]["sum"])):
        torch.testing.assert_close(found, wanted.detach(), atol=1e-5, rtol=1e-5)
    assert [spec.name for spec in best.inputs] == ["features"] and best.inputs[0].shape == ("batch", 4)
    assert isinstance(best(features.numpy()).logits, numpy.ndarray)
    again = podium.load(best.save(tmp_path / "best"))(features)
    assert type(again) is Answer and again.loss is None, "another program's answers have the structure, too"
    torch.testing.assert_close(again.states[1]["sum"], answer.states[1]["sum"])


def test_module_that_is_called_by_name_keeps_its_names(features: torch.Tensor, tmp_path: Path) -> None:
    program = as_program(Nested(), Batch({"scale": features[:, :1], "features": features}, by_name=True), tmp_path / "model.pt2")
    assert program.has_batch_axis and program.structure.names == ("logits", "states.0", "states.1.sum")
    from podium_torch.sources import build_model

    source = tmp_path / "source.json"
    source.write_text(f'{{"kind": "program", "path": "{tmp_path / "model.pt2"}"}}')
    built = build_model(source)
    assert list(built.inputs) == ["scale", "features"]
    answers = built.module(features[:3, :1], features[:3])
    torch.testing.assert_close(answers["states.1.sum"].shape, torch.Size([3]))


def test_function_and_method_are_taken_like_modules(features: torch.Tensor, tmp_path: Path) -> None:
    linear = torch.nn.Linear(4, 3)
    for place, function in enumerate((lambda x: linear(x).relu(), linear.forward)):
        program = as_program(function, Batch({"x": features}), tmp_path / f"{place}.pt2")
        assert program.has_batch_axis
        answer = torch.export.load(program.file).module()(features[:7])["output"]
        torch.testing.assert_close(answer, function(features[:7]))


def test_model_without_a_batch_keeps_its_shape(features: torch.Tensor, tmp_path: Path) -> None:
    program = as_program(RowsTogether(), Batch({"x": features}), tmp_path / "model.pt2")
    assert not program.has_batch_axis


def test_module_that_cannot_be_exported_says_why(features: torch.Tensor, tmp_path: Path) -> None:
    class Branching(torch.nn.Module):
        def forward(self, x):
            return x * 2 if x.sum().item() > 0 else x

    with pytest.raises(podium.Unsupported, match="one graph") as caught:
        as_program(Branching(), Batch({"x": features}), tmp_path / "model.pt2")
    assert caught.value.remedy
    with pytest.raises(podium.BadInput, match="the model refuses x"):
        as_program(torch.nn.Linear(5, 3), Batch({"x": features}), tmp_path / "model.pt2")
    with pytest.raises(podium.Unsupported, match="no tensor"):
        as_program(lambda x: 3, Batch({"x": features}), tmp_path / "model.pt2")

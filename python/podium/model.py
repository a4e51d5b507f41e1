"""A loaded artefact."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium import _runtime
from podium.arrays import as_input, copies_on_gpu, is_torch, wait_for_gpu, with_bfloat16
from podium.environment import prepare
from podium.errors import FileRefused, WrongUse
from podium.kept import Kept

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from podium.report import Report
    from podium.structure import Structure
    from podium.texts import Tokens


@dataclasses.dataclass(frozen=True)
class TensorSpec:
    """An input or output as the model declares it. A free axis is its name in `shape`, or None where it has none."""

    name: str
    dtype: str
    shape: tuple[int | str | None, ...]


class Model:
    """Runs an artefact. Made by `podium.load()` and `podium.optimize()`.

    Any number of threads may call it at once, and Python's lock is free meanwhile. Inputs are read where they lie, on the CPU or all on the
    artefact's GPU, by DLPack; only what is not contiguous is copied. Answers are new arrays: tensors of PyTorch, on the inputs' device, where
    an input was one, else arrays of NumPy. PyTorch's stream is waited for; whatever else writes to inputs on a GPU must have ended.
    """

    def __init__(
        self,
        native: _runtime.Model,
        path: Path,
        structure: Structure | None = None,
        report: Report | None = None,
        tokens: Callable[[], Tokens | None] = lambda: None,
    ) -> None:
        self._native = native
        self._structure = structure
        self._find_tokens = tokens
        self.path = path
        self.report = report
        self.inputs = tuple(TensorSpec(*spec) for spec in native.inputs)
        self.outputs = tuple(TensorSpec(*spec) for spec in native.outputs)
        self._dtypes = {spec.name: spec.dtype for spec in self.inputs}

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """Answers as the original does.

        Args:
            inputs: arrays in the order of `self.inputs`, or one dictionary of them by name; a text or a list of texts, where a tokenizer came
                with the model. Shape and type of each as `self.inputs` says; a free axis takes any size, unless the
                artefact was compiled for a shape.
            named: arrays by the names of inputs.

        Returns:
            What the module that was optimized returned: a tensor, or the same tuples, lists, dictionaries and dataclasses of tensors; of an
            artefact that was loaded, dictionaries and tuples in place of classes of packages that the program has not imported. Of a model that
            came from a file: the array of its one output, or a dictionary by the names of its outputs.

        Raises:
            WrongUse: for names, shapes and types that the model does not take.
            Failed: where the engine broke.
        """
        if len(inputs) == 1 and _is_text(inputs[0]) and self._tokens is not None:
            answers = self.run(self._tokens(inputs[0], self._fixed_length_for(inputs[0], self._tokens)))
        else:
            answers = self.run(self._by_name(inputs, named))
        if self._structure is not None:
            return self._structure.rebuild(answers)
        return next(iter(answers.values())) if len(answers) == 1 else answers

    def run(self, inputs: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
        """The same by names: `model.run({"x": x})["scores"]`.

        Args:
            inputs: arrays by name, or in the order of `self.inputs`.

        Returns:
            An array for each of `self.outputs`, by name.

        Raises:
            WrongUse: for names, shapes and types that the model does not take.
            Failed: where the engine broke.
        """
        given = dict(inputs) if isinstance(inputs, Mapping) else self._by_name(tuple(inputs), {})
        tensors = [value for value in given.values() if is_torch(value)]
        arrays = [as_input(value, name, self._dtypes.get(name, "float32")) for name, value in given.items()]
        on_gpu = bool(tensors) and tensors[0].device.type == "cuda"
        if on_gpu:
            wait_for_gpu(tensors[0].device)
        outputs = self._native.run([str(name) for name in given], arrays, bool(tensors), copies_on_gpu if on_gpu else None)
        if not tensors:
            outputs = [with_bfloat16(output) if spec.dtype == "bfloat16" else output for spec, output in zip(self.outputs, outputs)]
        return {spec.name: output for spec, output in zip(self.outputs, outputs)}

    def _by_name(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        if len(inputs) == 1 and not named and isinstance(inputs[0], Mapping):
            return dict(inputs[0])
        if len(inputs) > len(self.inputs):
            message = f"{len(inputs)} inputs were given, and the model has {len(self.inputs)}"
            raise WrongUse(message, f"give {', '.join(spec.name for spec in self.inputs)}, in this order or by name")
        given = {spec.name: value for spec, value in zip(self.inputs, inputs)}
        twice = given.keys() & named.keys()
        if twice:
            raise WrongUse(f"input '{min(twice)}' was given twice, by place and by name", "give each input once")
        return given | named

    @functools.cached_property
    def _tokens(self) -> Tokens | None:
        return self._find_tokens()

    @functools.cached_property
    def _fixed_lengths(self) -> list[int]:
        """Numbers of tokens that the artefact was compiled for, where it takes no others."""
        variants = self.manifest["variants"]
        return sorted({int(one["inputs"][0]["shape"][1]) for one in variants}) if all(one["fixed_shape"] for one in variants) else []

    def _fixed_length_for(self, texts: Any, tokens: Tokens) -> int | None:
        """The least of them that holds the texts, else the most, at which they are cut off."""
        lengths = self._fixed_lengths
        if len(lengths) < 2:
            return next(iter(lengths), None)
        needed = next(iter(tokens(texts).values())).shape[1]
        return next((length for length in lengths if length >= needed), lengths[-1])

    @functools.cached_property
    def manifest(self) -> dict[str, Any]:
        """What the artefact says of itself, schema `podium.artifact/1`: engine, options, evidence, what was not shown."""
        if self.path.is_dir():
            text = (self.path / "artifact.json").read_text(encoding="utf-8")
        else:
            with zipfile.ZipFile(self.path) as archive:
                text = archive.read("artifact.json").decode("utf-8")
        manifest: dict[str, Any] = json.loads(text)
        return manifest

    @property
    def notices(self) -> list[str]:
        """What differs from where it was measured: another version of the engine, another processor. A sentence each."""
        return self._native.notices

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Copies the artefact to a folder that does not exist yet; `podium.load()` takes it from there.

        Raises:
            FileRefused: where there is something already, or the disk refuses.
        """
        target = Path(path)
        if target.exists():
            raise FileRefused(f"'{target}' exists already", "name another folder, or remove it")
        try:
            if self.path.is_dir():
                shutil.copytree(self.path, target)
            else:
                shutil.copyfile(self.path, target)
        except OSError as error:
            raise FileRefused(f"the artefact cannot be written to '{target}': {error}", "free some space there, or name another folder") from error
        return target

    def __repr__(self) -> str:
        variant = self.manifest["variants"][0]
        return f"<podium.Model {variant['cell']} of {self.manifest['model']!r} in {str(self.path)!r}>"


def load(artifact: str | os.PathLike[str], *, threads: int = 0, sessions: int = 0, check_hashes: bool = True) -> Model:
    """Loads an artefact that `podium.optimize()`, `podium optimize` or `podium pack` wrote. Nothing that measures is loaded.

    Args:
        artifact: its folder, or its one-file archive.
        threads: of the engine, in all; 0: as it was measured, at most the usable CPUs.
        sessions: calls that the engine is set up to answer at once, for throughput; 0: one, for latency.
        check_hashes: hold every file against the manifest first.

    Raises:
        BadInput: where a file is changed, missing, truncated or foreign, with its name.
        Unavailable: where the engine is not here, with the command that brings it.
    """
    prepare()
    path = Path(artifact)
    model = Model(_runtime.load(path, threads, sessions, check_hashes), path)
    kept = Kept(path, model.manifest)
    model._structure, model._find_tokens = kept.structure(), kept.tokens
    return model


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, (list, tuple)) and bool(value) and all(isinstance(part, str) for part in value))

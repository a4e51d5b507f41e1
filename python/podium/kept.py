"""What an artefact keeps for Python besides what runs: how the module's outputs go together, and its tokenizer."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from podium.errors import BadInput
from podium.structure import Structure
from podium.structure_text import from_json, to_json

if TYPE_CHECKING:
    from podium.texts import Tokens

OUTPUTS = "python/outputs.json"
TOKENIZER = "tokenizer/"
SCHEMA = "podium.outputs/1"


def files_to_keep(structure: Structure | None, tokens: Tokens | None, scratch: Path) -> dict[str, Path]:
    """Written to `scratch`, by their paths within an artefact. A tokenizer that cannot be saved, and a structure of objects, are left out."""
    kept: dict[str, Path] = {}
    if structure is not None and (described := to_json(structure)) is not None:
        kept[OUTPUTS] = scratch / "outputs.json"
        kept[OUTPUTS].write_text(json.dumps({"schema": SCHEMA, **described}), encoding="utf-8")
    if tokens is not None and hasattr(tokens.tokenizer, "save_pretrained"):
        folder = scratch / "tokenizer"
        tokens.tokenizer.save_pretrained(folder)
        kept |= {TOKENIZER + file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    return kept


class Kept:
    """The same in an artefact that was checked."""

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self._path = path
        self._files = list(manifest["files"])
        self._inputs = tuple(spec["name"] for spec in manifest["inputs"])
        self._outputs = {spec["name"] for spec in manifest["outputs"]}

    def structure(self) -> Structure | None:
        if OUTPUTS not in self._files:
            return None
        try:
            kept = json.loads(self._read(OUTPUTS))
            is_known = kept["schema"] == SCHEMA
        except (KeyError, TypeError, ValueError, RecursionError):
            is_known = False
        if not is_known:
            raise BadInput(f"'{OUTPUTS}' of the artefact is not what this Podium reads ({SCHEMA})", "make the artefact again with this Podium")
        return from_json(kept, self._outputs)

    def tokens(self) -> Tokens | None:
        """Reads the tokenizer, which takes a while; nothing where none is kept.

        Raises:
            Unavailable: where transformers is not here.
        """
        if not any(name.startswith(TOKENIZER) for name in self._files):
            return None
        from podium.texts import tokens_of_folder

        if self._path.is_dir():
            return tokens_of_folder(str(self._path / TOKENIZER), self._inputs)
        with tempfile.TemporaryDirectory(prefix="podium-") as folder:
            self._unpack(Path(folder))
            return tokens_of_folder(str(Path(folder) / TOKENIZER), self._inputs)

    def _read(self, name: str) -> bytes:
        if self._path.is_dir():
            return (self._path / name).read_bytes()
        with zipfile.ZipFile(self._path) as archive:
            return archive.read(name)

    def _unpack(self, folder: Path) -> None:
        """The manifest's check has seen to it that no name leaves the folder."""
        for name in self._files:
            if name.startswith(TOKENIZER):
                file = folder / PurePosixPath(name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(self._read(name))

"""Writes the conformance suite's models, inputs and expected outputs: `make_models.py FOLDER [--without-packages]`.

What is there already and was made from the same sources with the same packages is kept: compiling the AOTInductor packages takes a minute,
and is left out --without-packages.
The expected outputs are those of the ONNX reference evaluator, which shares no code with any engine.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import sys
import zipfile
from pathlib import Path

import conformance_onnx
import conformance_weights
import numpy as np
from onnx import load_tensor, numpy_helper
from onnx.reference import ReferenceEvaluator

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parents[2] / "python"
sys.path.insert(0, str(PYTHON))
INPUT_BATCHES = 3
# model, batch size, precisions that a package is compiled for
CASES = [
    ("picture", 1, ["fp32"]),
    ("picture", 4, ["fp32", "bf16", "int8-static"]),
    ("types", 2, ["fp32"]),
    ("wide", 1, ["fp32"]),
]
OUTPUTS = {"picture": ["logits"], "types": ["total", "best", "positive", "doubled"], "wide": ["product"]}


def _key() -> str:
    digest = hashlib.sha256()
    for file in sorted([*HERE.glob("*.py"), *(PYTHON / "podium_torch" / "int8").glob("*.py")]):
        digest.update(file.read_bytes())
    for package in ("onnx", "numpy", "torch", "torchao"):
        version = importlib.metadata.version(package) if importlib.util.find_spec(package) else "none"
        digest.update(f"{package} {version}\n".encode())
    digest.update(str(HERE).encode())
    return digest.hexdigest()


def _write_tensor(folder: Path, file: str, name: str, array: np.ndarray) -> dict:
    array = np.asarray(array, order="C")
    (folder / file).write_bytes(array.tobytes())
    return {"name": name, "type": str(array.dtype), "shape": list(array.shape), "file": file}


def _write_case(folder: Path, model: str, batch: int) -> dict:
    evaluator = ReferenceEvaluator(str(folder / f"{model}.onnx"))
    batches = []
    for number in range(INPUT_BATCHES):
        inputs = getattr(conformance_weights, f"{model}_inputs")(batch, number)
        outputs = evaluator.run(None, inputs)
        stem = f"{model}-b{batch}-{number}"
        batches.append(
            {
                "inputs": [_write_tensor(folder, f"{stem}-{name}.bin", name, array) for name, array in inputs.items()],
                "outputs": [_write_tensor(folder, f"{stem}-{name}.bin", name, array) for name, array in zip(OUTPUTS[model], outputs)],
            }
        )
    return {"name": f"{model}-b{batch}", "batches": batches, "files": {"onnx": f"{model}.onnx"}}


def _write_torch_source(folder: Path, model: str, case: dict) -> None:
    file = f"{case['name']}-torch.json"
    shapes = {tensor["name"]: tensor["shape"] for tensor in case["batches"][0]["inputs"]}
    source = {
        "kind": "python",
        "function": f"conformance_torch:{model}",
        "directory": str(HERE),
        "shapes": shapes,
        "outputs": OUTPUTS[model],
    }
    (folder / file).write_text(json.dumps(source))
    case["files"]["torch"] = file


def _signature(case: dict, precision: str) -> str:
    import torch

    described = {part: [{key: tensor[key] for key in ("name", "type", "shape")} for tensor in case["batches"][0][part]] for part in ("inputs", "outputs")}
    return json.dumps({**described, "precision": precision, "torch": torch.__version__})


def _read_tensor(folder: Path, tensor: dict) -> np.ndarray:
    return np.frombuffer((folder / tensor["file"]).read_bytes(), tensor["type"]).reshape(tensor["shape"]).copy()


def _quantized(program, batches: list):
    """By Podium's own exporter, its ranges from the case's inputs."""
    from podium_torch.int8.static import quantize

    return quantize(program, batches)


def _compile(folder: Path, model: str, case: dict, precision: str) -> str:
    import conformance_torch
    import torch

    class InBfloat16(torch.nn.Module):
        def __init__(self, inner: torch.nn.Module) -> None:
            super().__init__()
            self.inner = inner.to(torch.bfloat16)

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return self.inner(values.to(torch.bfloat16)).to(torch.float32)

    file = f"{case['name']}-{precision}.pt2"
    module = getattr(conformance_torch, model)()[0].eval()
    if precision == "bf16":
        module = InBfloat16(module)
    batches = [tuple(torch.from_numpy(_read_tensor(folder, tensor)) for tensor in batch["inputs"]) for batch in case["batches"]]
    with torch.no_grad():
        program = torch.export.export(module, batches[0])
        if precision == "int8-static":
            program = torch.export.export(_quantized(program, batches), batches[0])
        settings = {"freezing": True, "aot_inductor.metadata": {"podium.signature": _signature(case, precision)}}
        torch._inductor.aoti_compile_and_package(program, package_path=str(folder / file), inductor_configs=settings)
    return file


def _lie(folder: Path, honest: str, file: str, change) -> None:
    """A package whose metadata says something else than what was compiled."""
    with zipfile.ZipFile(folder / honest) as source, zipfile.ZipFile(folder / file, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename.endswith("_metadata.json"):
                metadata = json.loads(data)
                signature = json.loads(metadata["podium.signature"])
                change(signature)
                metadata["podium.signature"] = json.dumps(signature)
                data = json.dumps(metadata).encode()
            target.writestr(entry.filename, data)


def _write_liars(folder: Path, honest: str) -> dict[str, str]:
    def other_batch(signature: dict) -> None:
        signature["inputs"][0]["shape"][0] = 1

    def one_more_input(signature: dict) -> None:
        signature["inputs"].append({"name": "more", "type": "float32", "shape": [1]})

    liars = {"batch": "lies-about-the-batch.pt2", "inputs": "lies-about-the-inputs.pt2"}
    _lie(folder, honest, liars["batch"], other_batch)
    _lie(folder, honest, liars["inputs"], one_more_input)
    return liars


def _write_topologies(folder: Path) -> list[dict]:
    """The networks that the onnx package ships with expected outputs, and the inputs that its own backend test feeds them."""
    import onnx

    light = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    cases = []
    for model_file in sorted(light.glob("*.onnx")):
        graph = onnx.load(model_file).graph
        constants = {constant.name for constant in graph.initializer}
        (declared,) = [value for value in graph.input if value.name not in constants]
        shape = [axis.dim_value for axis in declared.type.tensor_type.shape.dim]
        count = int(np.prod(shape))
        values = (np.arange(count).reshape(shape) / count).astype(np.float32)
        expected = numpy_helper.to_array(load_tensor(model_file.with_name(f"{model_file.stem}_output_0.pb")))
        inputs = [_write_tensor(folder, f"{model_file.stem}-in.bin", declared.name, values)]
        outputs = [_write_tensor(folder, f"{model_file.stem}-out.bin", graph.output[0].name, expected)]
        cases.append({"name": model_file.stem, "batches": [{"inputs": inputs, "outputs": outputs}], "files": {"onnx": str(model_file)}})
    return cases


def _write_logits_of(folder: Path, topology: dict) -> dict:
    """The network without its last operator, a Softmax, and what the reference evaluator gives there."""
    import onnx

    (name,) = [output["name"] for output in topology["batches"][0]["outputs"]]
    model = onnx.load(topology["files"]["onnx"])
    (last,) = [node for node in model.graph.node if name in node.output]
    assert last.op_type == "Softmax"
    logits = last.input[0]
    model.graph.node.remove(last)
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_tensor_value_info(logits, onnx.TensorProto.FLOAT, None))
    file = f"{topology['name']}-logits.onnx"
    onnx.save(model, folder / file)
    (fed,) = topology["batches"][0]["inputs"]
    values = np.frombuffer((folder / fed["file"]).read_bytes(), fed["type"]).reshape(fed["shape"])
    (expected,) = ReferenceEvaluator(model).run(None, {fed["name"]: values})
    outputs = [_write_tensor(folder, f"{topology['name']}-logits.bin", logits, expected)]
    return {"name": f"{topology['name']}-logits", "batches": [{"inputs": [fed], "outputs": outputs}], "files": {"onnx": file}}


def main(folder: Path, with_packages: bool = True) -> None:
    stamp = folder / "manifest.json"
    key = _key() + ("" if with_packages else " without packages")
    if stamp.exists() and json.loads(stamp.read_text()).get("key") == key:
        return
    folder.mkdir(parents=True, exist_ok=True)
    manifest: dict = {"key": key, "cases": [], "liars": {}}
    has_torch = importlib.util.find_spec("torch") is not None
    if has_torch and with_packages:
        from podium_torch.instruction_sets import try_instruction_sets

        try_instruction_sets()
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")
    for model, batch, precisions in CASES:
        file = folder / f"{model}.onnx"
        file.write_bytes(getattr(conformance_onnx, model)().SerializeToString())
        case = _write_case(folder, model, batch)
        if has_torch:
            _write_torch_source(folder, model, case)
            for precision in precisions if with_packages else []:
                if precision == "int8-static" and importlib.util.find_spec("torchao") is None:
                    continue
                print(f"compiling {case['name']} {precision} with AOTInductor", flush=True)
                case["files"][f"aoti/{precision}"] = _compile(folder, model, case, precision)
        manifest["cases"].append(case)
    if has_torch and with_packages:
        manifest["liars"] = _write_liars(folder, "picture-b4-fp32.pt2")
    manifest["topologies"] = _write_topologies(folder)
    (squeezenet,) = [topology for topology in manifest["topologies"] if topology["name"] == "light_squeezenet"]
    manifest["cases"].append(_write_logits_of(folder, squeezenet))
    stamp.with_suffix(".new").write_text(json.dumps(manifest, indent=1))
    stamp.with_suffix(".new").replace(stamp)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--without-packages" not in sys.argv[2:])

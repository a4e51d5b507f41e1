"""What each backend of the Python worker is, as data. Imports nothing: `--describe` works without PyTorch."""

from __future__ import annotations

import json

from podium_torch.errors import INSTALL_REMEDY, PodiumError


def _flag(name: str, default: bool, help_text: str) -> dict:
    return {"name": name, "type": "flag", "default": default, "choices": [], "minimum": 0, "maximum": 0, "help": help_text}


def _choice(name: str, default: str, choices: list[str], help_text: str) -> dict:
    return {"name": name, "type": "choice", "default": default, "choices": choices, "minimum": 0, "maximum": 0, "help": help_text}


_SHARED_OPTIONS = [
    _flag("channels-last", False, "keep weights and activations in channels-last layout; inputs are reordered inside the timed region"),
    _flag("inference-mode", True, "run under torch.inference_mode(); off: under torch.no_grad()"),
    _choice(
        "threads-policy",
        "podium",
        ["podium", "engine"],
        "podium: as many threads as --threads says; engine: as many as PyTorch chooses",
    ),
    _flag("flush-denormals", False, "treat denormal numbers as zero"),
    _flag("keep-memory", False, "keep freed memory in the process, where glibc gives some back to the system at every call"),
    _flag("onednn", True, "let PyTorch use oneDNN's kernels"),
    _flag("cudnn-benchmark", False, "on a GPU: let cuDNN time its algorithms for each convolution and keep the fastest"),
    _choice(
        "half-by",
        "weights",
        ["weights", "autocast"],
        "bf16 and fp16. weights: weights and activations in the half type; autocast: PyTorch chooses for each operator",
    ),
]

_EAGER_OPTIONS = [
    _flag("cuda-graph", False, "on a GPU: capture the model once and replay it; inputs are copied to the graph's own inside the timed region"),
]

_COMPILE_OPTIONS = [
    _choice(
        "mode",
        "default",
        ["default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs"],
        "what torch.compile aims at; on a GPU reduce-overhead and max-autotune replay CUDA graphs",
    ),
    _flag("freezing", False, "take the weights as constants: folds them and packs them ahead for the kernels; always so in int8-static"),
    _flag("dynamic", False, "compile for shapes that may change; off: for the cell's shapes"),
    _flag("fullgraph", False, "refuse a model that cannot be captured as one graph, instead of running parts of it eagerly"),
    _flag("cpp-wrapper", False, "generate the code around the kernels in C++ instead of Python"),
]


def _trial(option: str, *values: str, builds_slowly: bool = False, only_on: str = "") -> dict:
    """Values of an option that a search for the fastest way tries, on one kind of device where that is said."""
    return {"option": option, "values": list(values), "builds_slowly": builds_slowly, "device_kinds": [only_on] if only_on else []}


_EAGER_TRIALS = [
    _trial("cuda-graph", "on", only_on="cuda"),
    _trial("keep-memory", "on", only_on="cpu"),
    _trial("channels-last", "on"),
    _trial("threads-policy", "engine", only_on="cpu"),
]

_COMPILE_TRIALS = [
    _trial("keep-memory", "on", only_on="cpu"),
    _trial("threads-policy", "engine", only_on="cpu"),
    _trial("mode", "reduce-overhead", builds_slowly=True, only_on="cuda"),
    _trial("freezing", "on", builds_slowly=True),
    _trial("channels-last", "on", builds_slowly=True),
    _trial("mode", "max-autotune", builds_slowly=True),
]

_ONLY_ON = {"tf32": ["cuda"], "int8-dynamic": ["cpu"], "int8-static": ["cpu"]}
_INT8_REFUSAL = "what Podium has of it is for CPUs"
_REFUSALS = {"tf32": "TF32 is an arithmetic of NVIDIA's GPUs", "int8-dynamic": _INT8_REFUSAL, "int8-static": _INT8_REFUSAL}


def _descriptor(name: str, engine: str, summary: str, precisions: list[str], baseline_for: list[str], options: list[dict], trials: list[dict]) -> dict:
    return {
        "name": name,
        "engine": engine,
        "summary": summary,
        "launch": "python",
        "model_format": "torch",
        "precisions": precisions,
        "only_on": {name: kinds for name, kinds in _ONLY_ON.items() if name in precisions},
        "refusals": {name: reason for name, reason in _REFUSALS.items() if name in precisions},
        "baseline_for": baseline_for,
        "remedy": INSTALL_REMEDY,
        "bundled_in_default_runs": True,
        "device_kinds": ["cpu", "cuda"],
        "options": options,
        "worth_trying": trials,
        "builds_slowly": any(trial["builds_slowly"] for trial in trials),
    }


DESCRIPTORS = {
    "torch-eager": _descriptor(
        "torch-eager",
        "PyTorch eager mode",
        "PyTorch as it runs without compiling, operator by operator",
        ["fp32", "tf32", "bf16", "fp16", "int8-dynamic"],
        ["torch"],
        _EAGER_OPTIONS + _SHARED_OPTIONS,
        _EAGER_TRIALS,
    ),
    "torch-compile": _descriptor(
        "torch-compile",
        "PyTorch 2 torch.compile",
        "PyTorch 2 compiled by Inductor, called from Python",
        ["fp32", "tf32", "bf16", "fp16", "int8-dynamic", "int8-static"],
        [],
        _COMPILE_OPTIONS + _SHARED_OPTIONS,
        _COMPILE_TRIALS,
    ),
}


def as_json(name: str) -> str:
    return json.dumps(DESCRIPTORS[name], indent=2) + "\n"


def with_defaults(name: str, given: dict) -> dict:
    """Option values with the defaults filled in."""
    values = {option["name"]: option["default"] for option in DESCRIPTORS[name]["options"]}
    for key in given:
        if key not in values:
            raise PodiumError("wrong_use", f"{name} has no option '{key}'", f"its options are: {', '.join(values)}")
    return values | given

"""int8 dynamic: weights of Linear layers as int8 per output channel, activations quantized for each row while the model runs."""

from __future__ import annotations

import torch

from podium_torch.errors import PodiumError
from podium_torch.int8 import reduced_range, require_torchao


def quantize_linears(module: torch.nn.Module) -> torch.nn.Module:
    """The module with every Linear layer in int8, symmetric; all else stays as it is, and the audit tells how much that is."""
    require_torchao()
    from torchao.quantization import Int8DynamicActivationInt8WeightConfig, quantize_

    if not any(isinstance(part, torch.nn.Linear) for part in module.modules()):
        raise PodiumError(
            "unsupported", "PyTorch quantizes Linear layers dynamically, and this model has none", "choose --precisions int8-static"
        )
    # Its settings for Inductor are left alone: they are for GPUs, and allow reduced precision in float32 products.
    quantize_(module, Int8DynamicActivationInt8WeightConfig(set_inductor_config=False, reduce_range=reduced_range()))
    return module

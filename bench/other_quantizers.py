"""Quantizers that Podium's converter is measured against. `python other_quantizers.py ort|ort-dynamic|nncf MODEL DATA.npz OUT [METHOD]`; nncf writes
OpenVINO's own format. It runs under an interpreter that has the package: NNCF is none of Podium's needs."""

from __future__ import annotations

import sys

import numpy


def onnxruntime_quantizer(model: str, data: str, out: str, method: str) -> None:
    """Per channel, Q/DQ, u8 activations and s8 weights: what its documentation advises for x86-64."""
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self):
            arrays = numpy.load(data)
            name = arrays.files[0]
            self.feeds = iter({name: sample[None]} for sample in arrays[name])

        def get_next(self):
            return next(self.feeds, None)

    prepared = out + ".prepared.onnx"
    quant_pre_process(model, prepared)
    methods = {"min-max": CalibrationMethod.MinMax, "entropy": CalibrationMethod.Entropy, "percentile": CalibrationMethod.Percentile}
    quantize_static(prepared, out, Reader(), quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8, calibrate_method=methods[method])


def dynamic_onnxruntime_quantizer(model: str, _: str, out: str, __: str) -> None:
    """Per channel, of matrix products, the attention's own among them."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = out + ".prepared.onnx"
    quant_pre_process(model, prepared, skip_symbolic_shape=True)
    quantize_dynamic(prepared, out, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True, weight_type=QuantType.QInt8)


def nncf_quantizer(model: str, data: str, out: str, _: str) -> None:
    import nncf
    import openvino
    arrays = numpy.load(data)
    samples = arrays[arrays.files[0]]
    quantized = nncf.quantize(openvino.convert_model(model), nncf.Dataset([sample[None] for sample in samples]), subset_size=len(samples))
    openvino.save_model(quantized, out, compress_to_fp16=False)


def main() -> None:
    quantizer, model, data, out, *method = sys.argv[1:]
    quantizers = {"ort": onnxruntime_quantizer, "ort-dynamic": dynamic_onnxruntime_quantizer, "nncf": nncf_quantizer}
    quantizers[quantizer](model, data, out, *(method or ["min-max"]))


if __name__ == "__main__":
    main()

"""One model on one engine by its Python API, for models that Podium did not make. `python engine_loop.py ENGINE MODEL THREADS SHAPE` writes
"ready", then for each line with seconds that it reads, the nanoseconds of each call in that time."""

from __future__ import annotations

import sys
import time

import numpy


def onnxruntime_call(model: str, threads: int, value: numpy.ndarray):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: value}
    return lambda: session.run(None, feed)


def openvino_call(model: str, threads: int, value: numpy.ndarray):
    import openvino
    core = openvino.Core()
    read = core.read_model(model)
    read.reshape(list(value.shape))
    compiled = core.compile_model(read, "CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    request.set_input_tensor(openvino.Tensor(value, shared_memory=True))
    return request.infer


CALLS = {"onnxruntime": onnxruntime_call, "openvino": openvino_call}


def main() -> None:
    engine, model, threads, shape = sys.argv[1:5]
    value = numpy.random.default_rng(0).standard_normal([int(size) for size in shape.split("x")]).astype("float32")
    call = CALLS[engine](model, int(threads), value)
    call()
    print("ready", flush=True)
    for line in sys.stdin:
        end = time.perf_counter_ns() + int(float(line) * 1e9)
        samples = []
        while not samples or time.perf_counter_ns() < end:
            start = time.perf_counter_ns()
            call()
            samples.append(time.perf_counter_ns() - start)
        print(*samples, flush=True)


if __name__ == "__main__":
    main()

#include "backends/onnxruntime/cuda_session.h"

#include <fmt/format.h>
#include <onnxruntime_run_options_config_keys.h>

#include <algorithm>
#include <string>
#include <utility>

#include "backends/api/request_check.h"
#include "backends/onnxruntime/element_types.h"

namespace podium::onnxruntime {
namespace {

constexpr const char* memory_name = "Cuda";
constexpr const char* without_graph = "-1";

bool is_fixed(const TensorSpec& spec) {
  return std::none_of(spec.dimensions.begin(), spec.dimensions.end(), [](const Dimension& axis) { return axis.is_free(); });
}

}  // namespace

CudaSession::CudaSession(std::shared_ptr<Ort::Session> session, std::vector<TensorSpec> outputs, std::vector<backend::InputSpec> inputs,
                         OnCuda on, OrtSession::Auditor auditor)
    : auditor_(std::move(auditor)),
      on_(std::move(on)),
      session_(std::move(session)),
      memory_(memory_name, OrtDeviceAllocator, on_.gpu->index(), OrtMemTypeDefault),
      input_specs_(std::move(inputs)),
      output_specs_(std::move(outputs)) {}

Result<std::size_t> CudaSession::place(std::span<const TensorView> inputs) {
  return place(inputs, From::host);
}

Result<std::size_t> CudaSession::place(std::span<const TensorView> inputs, From from) {
  if (auto checked = backend::check_run_inputs(input_specs_, inputs); !checked) return tl::unexpected(std::move(checked.error()));
  try {
    Slot slot{{}, {}, Ort::IoBinding(*session_), Ort::RunOptions()};
    if (auto made = make_inputs(slot); !made) return tl::unexpected(made.error());
    if (auto copied = copy_in(slot, inputs, from); !copied) return tl::unexpected(copied.error());
    if (auto bound = bind_outputs(slot); !bound) return tl::unexpected(bound.error());
    const std::size_t number = slots_.size();
    if (on_.has_graph) {
      slot.options.AddConfigEntry(kOrtRunOptionsConfigCudaGraphAnnotation, std::to_string(number + 1).c_str());  // 0 is the engine's own
      if (auto captured = run_slot(slot); !captured) return tl::unexpected(captured.error());
    }
    slots_.push_back(std::move(slot));
    return number;
  } catch (const Ort::Exception& exception) {
    return tl::unexpected(to_error(exception, "placing inputs on the GPU"));
  }
}

Result<void> CudaSession::make_inputs(Slot& slot) {
  for (const backend::InputSpec& input : input_specs_) {
    const std::size_t bytes = TensorView{input.name, input.type, input.shape, nullptr}.bytes();
    auto memory = cuda::Gpu::allocate(on_.gpu, bytes);
    if (!memory) return tl::unexpected(memory.error());
    slot.memory.push_back(std::move(*memory));
    slot.inputs.push_back(Ort::Value::CreateTensor(memory_, slot.memory.back().get(), bytes, input.shape.data(), input.shape.size(),
                                                   to_onnx_type(input.type)));
    slot.binding.BindInput(input.name.c_str(), slot.inputs.back());
  }
  return {};
}

Result<void> CudaSession::copy_in(Slot& slot, std::span<const TensorView> inputs, From from) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    void* const to = slot.inputs[i].GetTensorMutableRawData();
    const auto copied =
        from == From::host ? on_.gpu->copy_in(to, inputs[i].data, inputs[i].bytes()) : on_.gpu->copy(to, inputs[i].data, inputs[i].bytes());
    if (!copied) return copied;
  }
  return {};
}

/// The first run tells the shapes. Outputs that always have them share one place; others are allocated by each run.
Result<void> CudaSession::bind_outputs(Slot& slot) {
  for (std::size_t i = 0; i < output_specs_.size(); ++i) {
    const char* name = output_specs_[i].name.c_str();
    if (outputs_stay_) slot.binding.BindOutput(name, outputs_[i]);
    if (!outputs_stay_) slot.binding.BindOutput(name, memory_);
  }
  if (outputs_stay_ || !slots_.empty()) return {};
  if (!std::all_of(output_specs_.begin(), output_specs_.end(), is_fixed)) {
    if (!on_.has_graph) return {};
    return fail(ErrorCode::unsupported,
                "a CUDA graph writes its outputs to one place, and the shapes of this model's are known only when it has run",
                "--set onnxruntime.cuda-graph=off");
  }
  Ort::RunOptions once;
  if (on_.has_graph) once.AddConfigEntry(kOrtRunOptionsConfigCudaGraphAnnotation, without_graph);
  session_->Run(once, slot.binding);
  outputs_ = slot.binding.GetOutputValues();
  outputs_stay_ = true;
  return bind_outputs(slot);
}

Result<void> CudaSession::run_slot(Slot& slot) {
  try {
    session_->Run(slot.options, slot.binding);
    if (!outputs_stay_) outputs_ = slot.binding.GetOutputValues();
    return {};
  } catch (const Ort::Exception& exception) {
    return tl::unexpected(to_error(exception, "running the model"));
  }
}

Result<void> CudaSession::run_placed(std::size_t batch) {
  if (batch >= slots_.size()) return fail(ErrorCode::wrong_use, "no such batch was placed");
  return run_slot(slots_[batch]);
}

Result<void> CudaSession::run_copied(std::span<const TensorView> inputs, From from) {
  if (slots_.empty()) {
    if (const auto placed = place(inputs, from); !placed) return tl::unexpected(placed.error());
  } else {
    if (auto checked = backend::check_run_inputs(input_specs_, inputs); !checked) return tl::unexpected(std::move(checked.error()));
    if (auto copied = copy_in(slots_.front(), inputs, from); !copied) return copied;
  }
  return run_slot(slots_.front());
}

Result<std::span<const TensorView>> CudaSession::run(std::span<const TensorView> inputs) {
  if (auto ran = run_copied(inputs, From::host); !ran) return tl::unexpected(ran.error());
  return fetch();
}

Result<std::span<const TensorView>> CudaSession::run_on_device(std::span<const TensorView> inputs) {
  const Result<void> ran = on_.has_graph ? run_copied(inputs, From::device) : run_lent(inputs);
  if (!ran) return tl::unexpected(ran.error());
  return outputs_on_device();
}

Result<void> CudaSession::run_lent(std::span<const TensorView> inputs) {
  if (auto checked = backend::check_run_inputs(input_specs_, inputs); !checked) return tl::unexpected(std::move(checked.error()));
  try {
    if (lent_) {
      bind_lent(*lent_, inputs);
    } else {
      Slot slot{{}, {}, Ort::IoBinding(*session_), Ort::RunOptions()};
      bind_lent(slot, inputs);
      if (auto bound = bind_outputs(slot); !bound) return bound;
      lent_.emplace(std::move(slot));
    }
  } catch (const Ort::Exception& exception) {
    return tl::unexpected(to_error(exception, "binding inputs on the GPU"));
  }
  return run_slot(*lent_);
}

/// What lies where it lay in the last call is bound already.
void CudaSession::bind_lent(Slot& slot, std::span<const TensorView> inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (i == slot.inputs.size())
      slot.inputs.emplace_back(nullptr);
    else if (slot.inputs[i].GetTensorRawData() == inputs[i].data)
      continue;
    slot.inputs[i] = Ort::Value::CreateTensor(memory_, inputs[i].data, inputs[i].bytes(), inputs[i].shape.data(), inputs[i].shape.size(),
                                              to_onnx_type(inputs[i].type));
    slot.binding.BindInput(inputs[i].name.c_str(), slot.inputs[i]);
  }
}

Result<std::span<const TensorView>> CudaSession::outputs_on_device() {
  views_.resize(outputs_.size());
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].GetTensorMemoryInfo().GetDeviceType() != OrtMemoryInfoDeviceType_GPU) {
      return fail(ErrorCode::unsupported, fmt::format("the engine left output '{}' in the host's memory", output_specs_[i].name),
                  "give inputs in the host's memory");
    }
    views_[i] = {output_specs_[i].name, output_specs_[i].type, outputs_[i].GetTensorTypeAndShapeInfo().GetShape(),
                 static_cast<std::byte*>(outputs_[i].GetTensorMutableRawData())};
  }
  return std::span<const TensorView>(views_);
}

Result<std::span<const TensorView>> CudaSession::fetch() {
  fetched_.resize(outputs_.size());
  views_.resize(outputs_.size());
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    views_[i] = {output_specs_[i].name, output_specs_[i].type, outputs_[i].GetTensorTypeAndShapeInfo().GetShape(), nullptr};
    fetched_[i].resize(views_[i].bytes());
    views_[i].data = fetched_[i].data();
    // What the engine placed in the host's memory (a shape that it computed there) is read where it is.
    const bool on_gpu = outputs_[i].GetTensorMemoryInfo().GetDeviceType() == OrtMemoryInfoDeviceType_GPU;
    const auto* source = static_cast<const std::byte*>(outputs_[i].GetTensorRawData());
    if (!on_gpu) std::copy_n(source, fetched_[i].size(), fetched_[i].data());
    if (!on_gpu) continue;
    if (auto copied = on_.gpu->copy_out(fetched_[i].data(), source, fetched_[i].size()); !copied) return tl::unexpected(copied.error());
  }
  return std::span<const TensorView>(views_);
}

Result<std::optional<std::int64_t>> CudaSession::device_ns(std::size_t batch) {
  if (!on_.has_stream) return backend::Session::device_ns(batch);
  if (auto marked = on_.gpu->mark(0); !marked) return tl::unexpected(marked.error());
  if (auto ran = run_placed(batch); !ran) return tl::unexpected(ran.error());
  if (auto marked = on_.gpu->mark(1); !marked) return tl::unexpected(marked.error());
  const Result<std::int64_t> ns = on_.gpu->between_marks_ns();
  if (!ns) return tl::unexpected(ns.error());
  return std::optional(*ns);
}

Result<std::unique_ptr<backend::Session>> CudaSession::another() {
  if (on_.has_graph) return fail(ErrorCode::unsupported, "requests cannot share a CUDA graph", "--set onnxruntime.cuda-graph=off");
  return std::make_unique<CudaSession>(session_, output_specs_, input_specs_, on_, auditor_);
}

}  // namespace podium::onnxruntime

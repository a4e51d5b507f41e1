#include "backends/onnxruntime/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <string_view>
#include <utility>

#include "backends/api/request_check.h"
#include "backends/onnxruntime/element_types.h"

namespace podium::onnxruntime {
namespace {

bool same_shape(const std::vector<Dimension>& declared, const Shape& shape) {
  return std::equal(declared.begin(), declared.end(), shape.begin(), shape.end(),
                    [](const Dimension& axis, std::int64_t size) { return axis.size == size; });
}

bool lies_within(const TensorView& output, const TensorView& input) {
  return output.data >= input.data && output.data < input.data + input.bytes();
}

/// Operators and opsets that the engine lacks come as a general failure or as an invalid graph: only the text tells them apart.
constexpr std::string_view signs_of_unsupported[] = {"is not a registered function/op", "No Op registered for", "is under development"};

/// Memory that was refused comes as a general failure too.
constexpr std::string_view signs_of_no_memory[] = {"Failed to allocate memory", "CUDA failure 2:", "CUDA out of memory"};

struct CodeRow {
  OrtErrorCode theirs;
  ErrorCode ours;
};
constexpr CodeRow codes[] = {
    {ORT_NO_SUCHFILE, ErrorCode::bad_input},   {ORT_INVALID_PROTOBUF, ErrorCode::bad_input}, {ORT_NO_MODEL, ErrorCode::bad_input},
    {ORT_INVALID_GRAPH, ErrorCode::bad_input}, {ORT_INVALID_ARGUMENT, ErrorCode::bad_input}, {ORT_NOT_IMPLEMENTED, ErrorCode::unsupported},
};

ErrorCode classify(const Ort::Exception& exception) {
  const std::string_view what = exception.what();
  const auto says = [&](std::string_view sign) { return what.find(sign) != std::string_view::npos; };
  if (std::any_of(std::begin(signs_of_unsupported), std::end(signs_of_unsupported), says)) return ErrorCode::unsupported;
  if (std::any_of(std::begin(signs_of_no_memory), std::end(signs_of_no_memory), says)) return ErrorCode::out_of_memory;
  const auto* const row =
      std::find_if(std::begin(codes), std::end(codes), [&](const CodeRow& it) { return it.theirs == exception.GetOrtErrorCode(); });
  return row == std::end(codes) ? ErrorCode::failed : row->ours;
}

}  // namespace

Error to_error(const Ort::Exception& exception, const std::string& doing) {
  return {classify(exception), fmt::format("ONNX Runtime failed while {}: {}", doing, backend::engine_message(exception.what())), ""};
}

OrtSession::OrtSession(Ort::Session session, const Signature& signature, std::vector<backend::InputSpec> inputs, Auditor auditor)
    : OrtSession(std::make_shared<Ort::Session>(std::move(session)), signature.outputs, std::move(inputs), std::move(auditor)) {}

OrtSession::OrtSession(std::shared_ptr<Ort::Session> session, std::vector<TensorSpec> outputs, std::vector<backend::InputSpec> inputs,
                       Auditor auditor)
    : auditor_(std::move(auditor)),
      session_(std::move(session)),
      memory_(Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault)),
      input_specs_(std::move(inputs)),
      output_specs_(std::move(outputs)),
      kept_(output_specs_.size(), false),
      views_(output_specs_.size()) {
  for (const backend::InputSpec& input : input_specs_) {
    input_names_.push_back(input.name.c_str());
    inputs_.emplace_back(nullptr);
  }
  for (const TensorSpec& output : output_specs_) {
    output_names_.push_back(output.name.c_str());
    outputs_.emplace_back(nullptr);
  }
}

Result<std::span<const TensorView>> OrtSession::run(std::span<const TensorView> inputs) {
  if (auto checked = backend::check_run_inputs(input_specs_, inputs); !checked) return tl::unexpected(std::move(checked.error()));
  try {
    wrap_inputs(inputs);
    release_unkept_outputs();
    session_->Run(run_options_, input_names_.data(), inputs_.data(), inputs_.size(), output_names_.data(), outputs_.data(),
                  outputs_.size());
    view_outputs();
  } catch (const Ort::Exception& exception) {
    return tl::unexpected(to_error(exception, "running the model"));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::out_of_memory, "no memory is left for a run of the model");
  }
  if (std::exchange(first_run_, false)) decide_which_outputs_stay(inputs);
  return std::span<const TensorView>(views_);
}

std::filesystem::path OrtSession::end_profiling() {
  const Ort::AllocatorWithDefaultOptions allocator;
  return session_->EndProfilingAllocated(allocator).get();
}

Result<std::unique_ptr<backend::Session>> OrtSession::another() {
  return std::make_unique<OrtSession>(session_, output_specs_, input_specs_, auditor_);
}

void OrtSession::wrap_inputs(std::span<const TensorView> inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorView& view = inputs[i];
    inputs_[i] = Ort::Value::CreateTensor(memory_, view.data, view.bytes(), view.shape.data(), view.shape.size(), to_onnx_type(view.type));
  }
}

void OrtSession::release_unkept_outputs() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (!kept_[i]) outputs_[i] = Ort::Value(nullptr);
  }
}

void OrtSession::view_outputs() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (kept_[i]) continue;
    auto info = outputs_[i].GetTensorTypeAndShapeInfo();
    views_[i] = {output_specs_[i].name, output_specs_[i].type, info.GetShape(),
                 static_cast<std::byte*>(outputs_[i].GetTensorMutableRawData())};
  }
}

void OrtSession::decide_which_outputs_stay(std::span<const TensorView> inputs) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    // An output that is an input handed through lies in the caller's memory: writing the next one there would change the caller's data.
    const bool is_input = std::any_of(inputs.begin(), inputs.end(), [&](const TensorView& input) { return lies_within(views_[i], input); });
    kept_[i] = !is_input && same_shape(output_specs_[i].dimensions, views_[i].shape);
  }
}

}  // namespace podium::onnxruntime

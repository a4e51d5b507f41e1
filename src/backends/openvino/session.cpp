#include "backends/openvino/session.h"

#include <fmt/format.h>

#include <openvino/runtime/tensor.hpp>
#include <optional>
#include <utility>

#include "backends/api/request_check.h"
#include "backends/openvino/audit.h"
#include "backends/openvino/element_types.h"
#include "backends/openvino/failure.h"
#include "backends/openvino/reader.h"
#include "core/text.h"

namespace podium::openvino {

OpenVinoSession::OpenVinoSession(ov::CompiledModel model, const backend::LoadRequest& request, bool quantized_model)
    : model_(std::move(model)),
      request_(model_.create_infer_request()),
      loaded_for_(request),
      quantized_model_(quantized_model),
      input_specs_(request.inputs),
      bound_(request.inputs.size(), nullptr) {
  for (const backend::InputSpec& input : input_specs_) input_ports_.push_back(model_.input(input.name));
  for (const auto& output : model_.outputs()) {
    views_.push_back({output_name(output), to_data_type(output.get_element_type()).value(), {}, nullptr});
  }
}

Result<std::span<const TensorView>> OpenVinoSession::run(std::span<const TensorView> inputs) {
  if (auto checked = backend::check_run_inputs(input_specs_, inputs); !checked) return tl::unexpected(std::move(checked.error()));
  return guarded(ErrorCode::failed, "running the model", [&] {
    bind_inputs(inputs);
    infer();
    view_outputs();
    return std::span<const TensorView>(views_);
  });
}

/// infer() runs in the caller's thread, outside the streams that several requests are to share.
void OpenVinoSession::infer() {
  if (loaded_for_.requests == 1) {
    request_.infer();
  } else {
    request_.start_async();
    request_.wait();
  }
}

void OpenVinoSession::bind_inputs(std::span<const TensorView> inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (std::exchange(bound_[i], inputs[i].data) == inputs[i].data) continue;
    const ov::Shape shape(inputs[i].shape.begin(), inputs[i].shape.end());
    request_.set_tensor(input_ports_[i], ov::Tensor(to_element_type(inputs[i].type), shape, inputs[i].data));
  }
}

void OpenVinoSession::view_outputs() {
  for (std::size_t i = 0; i < views_.size(); ++i) {
    const ov::Tensor tensor = request_.get_output_tensor(i);
    const ov::Shape& shape = tensor.get_shape();
    views_[i].shape.assign(shape.begin(), shape.end());
    views_[i].data = static_cast<std::byte*>(const_cast<void*>(tensor.data()));
  }
}

Result<Audit> OpenVinoSession::audit() {
  return guarded(ErrorCode::failed, "describing what it runs",
                 [&] { return audit_runtime_model(*model_.get_runtime_model(), loaded_for_.precision, quantized_model_); });
}

Result<std::unique_ptr<backend::Session>> OpenVinoSession::another() {
  return guarded(ErrorCode::failed, "making another request", [&]() -> std::unique_ptr<backend::Session> {
    return std::make_unique<OpenVinoSession>(model_, loaded_for_, quantized_model_);
  });
}

Result<void> check_outputs(const ov::CompiledModel& model) {
  for (const auto& output : model.outputs()) {
    if (to_data_type(output.get_element_type())) continue;
    return fail(ErrorCode::unsupported, fmt::format("output '{}' has elements of type {}, which Podium cannot hand over",
                                                    printable(output_name(output)), output.get_element_type().to_string()));
  }
  return {};
}

}  // namespace podium::openvino

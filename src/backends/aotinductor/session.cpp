#include "backends/aotinductor/session.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "backends/aotinductor/audit.h"
#include "backends/aotinductor/element_types.h"
#include "backends/aotinductor/failure.h"
#include "backends/aotinductor/mapped_library.h"
#include "backends/aotinductor/package.h"
#include "backends/api/request_check.h"
#include "core/text.h"

namespace podium::aotinductor {

namespace {

/// The compiled code's check of its inputs speaks of "input_handles[2]": put the input's own name there.
Error name_the_input(Error error, const std::vector<backend::InputSpec>& inputs, const ArgumentOrder& order) {
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::string handle = fmt::format("input_handles[{}]", k);
    const std::size_t at = error.message.find(handle);
    if (at != std::string::npos) error.message.replace(at, handle.size(), fmt::format("input '{}'", printable(inputs[order[k]].name)));
  }
  error.remedy = "give the inputs that the package was compiled for, or export the model again";
  return error;
}

}  // namespace

LoadedPackage::LoadedPackage(std::unique_ptr<Loader> loader, std::filesystem::path folder)
    : loader_(std::move(loader)), folder_(std::move(folder)) {}

LoadedPackage::~LoadedPackage() {
  loader_.reset();
  release_pages(folder_);
}

AotSession::AotSession(std::shared_ptr<LoadedPackage> loaded, const backend::LoadRequest& request, ArgumentOrder order,
                       std::vector<std::string> output_names)
    : loaded_(std::move(loaded)),
      request_(request),
      package_(request.model),
      precision_(request.precision),
      input_specs_(request.inputs),
      order_(std::move(order)),
      output_names_(std::move(output_names)) {}

Result<std::unique_ptr<backend::Session>> AotSession::another() {
  if (backend::flag(request_.options, "run-single-threaded")) {
    return fail(ErrorCode::unsupported, "without its locks the compiled model answers one request at a time",
                "--set aotinductor.run-single-threaded=off");
  }
  return std::make_unique<AotSession>(loaded_, request_, order_, output_names_);
}

Result<std::span<const TensorView>> AotSession::run(std::span<const TensorView> inputs) {
  if (auto checked = backend::check_run_inputs(input_specs_, inputs); !checked) return tl::unexpected(std::move(checked.error()));
  // What fails here is the compiled code's own check of its inputs: the package takes others than it was loaded for.
  const auto ran = guarded(ErrorCode::bad_input, "running the package", [&] {
    const c10::InferenceMode inference;
    std::vector<at::Tensor> arguments;
    arguments.reserve(order_.size());
    for (const std::size_t place : order_) {
      const TensorView& view = inputs[place];
      arguments.push_back(at::from_blob(view.data, view.shape, at::TensorOptions(to_scalar_type(view.type))));
    }
    outputs_ = loaded_->loader().boxed_run(std::move(arguments));
    for (at::Tensor& output : outputs_) output = output.contiguous();
    return true;
  });
  if (!ran) return tl::unexpected(name_the_input(ran.error(), input_specs_, order_));
  return view_outputs();
}

Result<std::span<const TensorView>> AotSession::view_outputs() {
  views_.resize(outputs_.size());
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const std::optional<DataType> type = to_data_type(outputs_[i].scalar_type());
    if (!type) return fail(ErrorCode::unsupported, fmt::format("output {} has elements of a type that Podium cannot hand over", i));
    if (views_[i].name.empty()) views_[i].name = i < output_names_.size() ? output_names_[i] : fmt::format("output_{}", i);
    views_[i].type = *type;
    views_[i].shape.assign(outputs_[i].sizes().begin(), outputs_[i].sizes().end());
    views_[i].data = static_cast<std::byte*>(outputs_[i].data_ptr());
  }
  return std::span<const TensorView>(views_);
}

Result<Audit> AotSession::audit() {
  return audit_source(wrapper_source(package_), precision_);
}

}  // namespace podium::aotinductor

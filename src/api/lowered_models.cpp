#include "api/lowered_models.h"

#include <fmt/format.h>

#include "import/made_file.h"
#include "onnx/model.h"
#include "onnx/opset.h"
#include "onnx/whole_model.h"
#include "podium/version.h"

namespace podium::api {
namespace {

namespace fs = std::filesystem;

constexpr const char* model_file = "model.onnx";

/// Of the default operator set; 1 where the model names none.
Result<std::int64_t> opset_of(const fs::path& file) {
  const auto model = onnx::Model::read(file);
  if (!model) return tl::unexpected(model.error());
  const auto opsets = model->opsets();
  const auto found = opsets.find("ai.onnx");
  return found == opsets.end() ? 1 : found->second;
}

Result<void> lower(const fs::path& file, std::int64_t opset, const fs::path& folder) {
  const auto model = onnx::read_whole(file);
  if (!model) return tl::unexpected(model.error());
  if (auto lowered = onnx::convert_opset(**model, opset); !lowered) {
    // What the engine cannot be given costs the cell, not the run.
    Error error = lowered.error();
    error.code = ErrorCode::unsupported;
    error.message = fmt::format("the engine reads ONNX up to operator set {}, and {}", opset, error.message);
    return tl::unexpected(std::move(error));
  }
  if (auto written = onnx::write_model(**model, folder / model_file); !written) return tl::unexpected(written.error());
  return {};
}

}  // namespace

Result<import::Variant> LoweredModels::variant(const import::Variant& model, std::int64_t newest_opset, const CancelToken& cancel,
                                               const import::OnProgress& on_progress) {
  if (newest_opset == 0) return model;
  const std::pair key{model.sha256, newest_opset};
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  auto lowered = make(model, newest_opset, cancel, on_progress);
  if (lowered || lowered.error().code != ErrorCode::cancelled) known_.emplace(key, lowered);
  return lowered;
}

Result<import::Variant> LoweredModels::make(const import::Variant& model, std::int64_t newest_opset, const CancelToken& cancel,
                                            const import::OnProgress& on_progress) {
  const auto opset = opset_of(model.path);
  if (!opset) return tl::unexpected(opset.error());
  if (*opset <= newest_opset) return model;
  on_progress(fmt::format("rewriting from operator set {} in {}", *opset, newest_opset));
  return import::make_or_find(cache_,
                              {"lowered",
                               {std::string(version()), model.sha256, fmt::format("opset {}", newest_opset)},
                               model_file,
                               [&](const fs::path& folder) { return lower(model.path, newest_opset, folder); }},
                              cancel);
}

}  // namespace podium::api

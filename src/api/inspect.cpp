#include "podium/inspect.h"

#include <filesystem>

#include "api/take_in.h"
#include "cache/cache.h"
#include "core/result.h"
#include "core/sha256.h"
#include "onnx/model.h"

namespace podium {
namespace {

Result<Inspection> inspect_onnx(const std::filesystem::path& file) {
  const auto model = onnx::Model::read(file);
  if (!model) return tl::unexpected(model.error());
  auto hash = sha256_of_path(file);
  if (!hash) return tl::unexpected(hash.error());
  Inspection inspection;
  inspection.format = "ONNX";
  inspection.facts = {file.string(),  "onnx", std::move(*hash), model->inputs(), model->outputs(), model->parameters(),
                      model->flops(), true};
  inspection.producer = model->producer();
  inspection.opsets = model->opsets();
  inspection.operators = model->operators();
  inspection.weight_bytes_by_type = model->weight_bytes_by_type();
  return inspection;
}

/// Everything else is described by the same code that takes it in for a measurement.
Result<Inspection> inspect_imported(const std::string& name) {
  auto cache = cache::Cache::open();
  if (!cache) return tl::unexpected(cache.error());
  const auto model = api::take_in(name, {}, {}, *cache, CancelToken{}, {});
  if (!model) return tl::unexpected(model.error());
  Inspection inspection;
  const bool saved = std::filesystem::path(name).extension() == ".pt2";
  inspection.format = saved ? "PyTorch .pt2 file (exported program or AOTInductor package)" : "PyTorch model";
  inspection.facts = model->facts();
  return inspection;
}

}  // namespace

Inspection inspect(const std::string& model) {
  const std::filesystem::path path(model);
  Inspection inspection = value_or_throw(path.extension() == ".onnx" ? inspect_onnx(path) : inspect_imported(model));
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  inspection.file_bytes = none ? 0 : static_cast<std::int64_t>(size);
  return inspection;
}

}  // namespace podium

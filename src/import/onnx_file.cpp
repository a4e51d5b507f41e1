#include <fmt/format.h>

#include "core/files.h"
#include "core/json.h"
#include "core/sha256.h"
#include "import/exporter.h"
#include "import/made_file.h"
#include "import/model_source.h"
#include "import/torch_formats.h"
#include "onnx/model.h"

namespace podium::import {
namespace {

namespace fs = std::filesystem;

constexpr const char* source_file = "source.json";

/// An ONNX file: ONNX engines run it as it is, PyTorch after onnx2torch has carried it over. No Python is started before that is asked for.
class OnnxFile final : public ModelSource {
 public:
  OnnxFile(fs::path file, std::vector<std::string> data_files, std::vector<std::string> python, const cache::Cache& cache)
      : file_(std::move(file)), data_files_(std::move(data_files)), python_(std::move(python)), cache_(cache) {}

  [[nodiscard]] Result<Variant> variant(const VariantRequest& request, const CancelToken& cancel, const OnProgress& on_progress) override {
    if (request.format == "onnx") {
      if (auto made = check_onnx_precision(request.precision); !made) return tl::unexpected(made.error());
      auto variant = existing_file(file_, facts.sha256);
      for (const std::string& name : data_files_) {
        if (variant) variant->bytes += bytes_of(file_.parent_path() / name);
      }
      return variant;
    }
    if (request.format != "torch" && request.format != "aoti") return unknown_format(request.format);
    if (!exporter_) {
      auto found = Exporter::find(python_, cancel);
      if (!found) return tl::unexpected(found.error());
      exporter_.emplace(std::move(*found));
    }
    const auto described = torch_source(cancel);
    if (!described) return described;
    const TorchSource source{described->path, facts.sha256, described->hold};
    if (request.format == "aoti") return make_aoti(*exporter_, cache_, source, request, cancel, on_progress);
    if (request.precision != Precision::int8_static) return described;
    return make_torch(*exporter_, cache_, source, request, cancel, on_progress);
  }

 private:
  /// The description that the Python worker and the exporter read.
  Result<Variant> torch_source(const CancelToken& cancel) {
    const nlohmann::json source{{"kind", "onnx"}, {"path", file_.string()}};
    FileToMake file{"torch", {"onnx file", facts.sha256, file_.string()}, source_file, {}};
    file.make = [&](const fs::path& folder) { return write_file_atomically(folder / source_file, dump_json(source)); };
    auto variant = make_or_find(cache_, file, cancel);
    if (variant) variant->build_s.reset();
    return variant;
  }

  fs::path file_;
  std::vector<std::string> data_files_;  ///< beside it
  std::vector<std::string> python_;
  cache::Cache cache_;
  std::optional<Exporter> exporter_;
};

/// Hash of the model and of the files that hold its weights.
Result<std::string> hash_of_model(const fs::path& file, const std::vector<std::string>& data_files) {
  auto own = sha256_of_path(file);
  if (!own || data_files.empty()) return own;
  Sha256 hash;
  hash.update(*own);
  for (const std::string& name : data_files) {
    const auto part = sha256_of_path(file.parent_path() / name);
    if (!part) return part;
    hash.update(name).update(*part);
  }
  return hash.hex_digest();
}

}  // namespace

ImportedSource import_onnx_file(const ImportContext& context) {
  std::error_code error;
  const fs::path file = fs::absolute(context.model.rest, error);
  const auto model = onnx::Model::read(file);
  if (!model) return tl::unexpected(model.error());
  const auto hash = hash_of_model(file, model->data_files());
  if (!hash) return tl::unexpected(hash.error());
  auto source = std::make_unique<OnnxFile>(file, model->data_files(), context.request.python, context.cache);
  source->facts = {{}, "onnx", *hash, model->inputs(), model->outputs(), model->parameters(), model->flops(), true};
  source->facts.preprocess = model->metadata("podium.preprocess").value_or("");
  return source;
}

}  // namespace podium::import

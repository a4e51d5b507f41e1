#include <fmt/format.h>

#include "core/json.h"
#include "core/sha256.h"
#include "core/text.h"
#include "import/made_file.h"
#include "import/model_source.h"
#include "import/pt2_archive.h"
#include "import/pt2_program.h"

namespace podium::import {
namespace {

using nlohmann::json;

constexpr const char* again_remedy = "compile the package with Podium from the model it was made of, or give the program itself";

/// Code that was compiled elsewhere, for one shape and precision: it runs as it is or not at all.
class PackageModel final : public ModelSource {
 public:
  explicit PackageModel(std::filesystem::path file) : file_(std::move(file)) {}
  std::optional<Precision> precision;  ///< what it was compiled for, where it says so

  [[nodiscard]] Result<Variant> variant(const VariantRequest& request, const CancelToken&, const OnProgress&) override {
    if (request.format != "aoti")
      return fail(ErrorCode::unsupported, "an AOTInductor package is compiled code, which no other engine can run");
    const Precision compiled = precision.value_or(Precision::fp32);
    if (compiled != request.precision) {
      return fail(ErrorCode::unsupported, fmt::format("the package was compiled for {}", to_string(compiled)),
                  fmt::format("--precisions {}", to_string(compiled)));
    }
    return existing_file(file_, facts.sha256);
  }

 private:
  std::filesystem::path file_;
};

std::optional<TensorSpec> tensor_spec(const json& item) {
  if (!item.is_object() || !item.contains("name") || !item["name"].is_string() || !item.contains("type") || !item["type"].is_string())
    return {};
  const auto type = parse_data_type(item["type"].get<std::string>());
  if (!type || !item.contains("shape") || !item["shape"].is_array()) return {};
  TensorSpec spec{item["name"].get<std::string>(), *type, {}};
  for (const json& size : item["shape"]) {
    if (!size.is_number_integer() || size.get<std::int64_t>() < 0) return {};
    spec.dimensions.push_back({size.get<std::int64_t>(), ""});
  }
  return spec;
}

/// Tensors that Podium's exporter wrote into the package's metadata; nothing where it did not.
std::optional<std::vector<TensorSpec>> described_tensors(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  const auto list = found == metadata.end() ? Result<json>(json()) : parse_json(found->second, "the package's metadata");
  if (!list || !list->is_array()) return {};
  std::vector<TensorSpec> specs;
  for (const json& item : *list) {
    auto spec = tensor_spec(item);
    if (!spec) return {};
    specs.push_back(std::move(*spec));
  }
  return specs;
}

/// The one input of a package that describes none, as --shape gives it.
Result<std::vector<TensorSpec>> given_inputs(const ImportContext& context) {
  const auto& shapes = context.request.shapes;
  if (shapes.size() != 1) {
    return fail(ErrorCode::wrong_use, fmt::format("the package '{}' does not say what inputs it takes", printable(context.model.rest)),
                shapes.empty() ? "give the shape of its input with --shape x=1x3x224x224 (one input of float32)" : again_remedy);
  }
  const auto& [name, shape] = *shapes.begin();
  TensorSpec spec{name, DataType::float32, {}};
  for (const std::int64_t size : shape) spec.dimensions.push_back({size, ""});
  return std::vector{spec};
}

ImportedSource import_package(const ImportContext& context, const Pt2Archive& archive) {
  const std::filesystem::path file = context.model.rest;
  auto hash = sha256_of_path(file);
  if (!hash) return tl::unexpected(hash.error());
  auto model = std::make_unique<PackageModel>(file);
  model->facts.origin = "torch";
  model->facts.sha256 = std::move(*hash);
  if (auto inputs = described_tensors(archive.metadata, "podium.inputs")) {
    model->facts.inputs = std::move(*inputs);
  } else {
    auto given = given_inputs(context);
    if (!given) return tl::unexpected(given.error());
    model->facts.inputs = std::move(*given);
  }
  model->facts.outputs = described_tensors(archive.metadata, "podium.output_specs").value_or(std::vector<TensorSpec>());
  if (const auto found = archive.metadata.find("podium.precision"); found != archive.metadata.end())
    model->precision = parse_precision(found->second);
  model->notices.push_back(
      fmt::format("'{}' is compiled code: running it executes what whoever made it put in", printable(context.model.rest)));
  return model;
}

}  // namespace

ImportedSource import_pt2_file(const ImportContext& context) {
  const auto archive = read_pt2_archive(context.model.rest);
  if (!archive) return tl::unexpected(archive.error());
  return archive->content == Pt2Archive::Content::aoti_package ? import_package(context, *archive) : import_exported_program(context);
}

}  // namespace podium::import

#include "import/torch_facts.h"

#include <fmt/format.h>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"

namespace podium::import {
namespace {

using nlohmann::json;

/// Throws nlohmann's exceptions, as do the functions below; read_torch_facts() catches them.
TensorSpec tensor_spec(const json& object) {
  const auto type = parse_data_type(object.at("type").get<std::string>());
  if (!type) throw json::other_error::create(500, "unknown element type", &object);
  TensorSpec spec{object.at("name").get<std::string>(), *type, {}};
  for (const json& axis : object.at("dimensions"))
    spec.dimensions.push_back({axis.at("size").get<std::int64_t>(), axis.at("name").get<std::string>()});
  return spec;
}

std::vector<TensorSpec> tensor_specs(const json& list) {
  std::vector<TensorSpec> specs;
  for (const json& item : list) specs.push_back(tensor_spec(item));
  return specs;
}

ModelFacts facts_from(const json& object) {
  ModelFacts facts;
  facts.origin = "torch";
  facts.sha256 = object.at("sha256").get<std::string>();
  facts.inputs = tensor_specs(object.at("inputs"));
  facts.outputs = tensor_specs(object.at("outputs"));
  if (const json& parameters = object.at("parameters"); !parameters.is_null()) facts.parameters = parameters.get<std::int64_t>();
  if (const json& flops = object.at("flops"); !flops.is_null()) facts.flops = flops.get<std::int64_t>();
  facts.trained_weights = object.at("trained_weights").get<bool>();
  return facts;
}

}  // namespace

Result<ModelFacts> read_torch_facts(const std::filesystem::path& file) {
  const auto text = read_text_file(file);
  if (!text) return tl::unexpected(text.error());
  const auto object = parse_json(*text, "the description of the PyTorch model");
  if (!object) return tl::unexpected(object.error());
  try {
    return facts_from(*object);
  } catch (const json::exception& error) {
    return fail(ErrorCode::failed, fmt::format("'{}' is damaged: {}", file.string(), printable(error.what())),
                "remove the folder that holds it from Podium's cache");
  }
}

}  // namespace podium::import

#include "cases.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/files.h"
#include "core/result.h"

namespace podium::conformance {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Tensor parse_tensor(const json& item) {
  Tensor tensor;
  tensor.name = item.at("name");
  tensor.type = parse_data_type(item.at("type").get<std::string>()).value();
  tensor.shape = item.at("shape").get<Shape>();
  tensor.bytes = value_or_throw(read_text_file(models_folder() / item.at("file").get<std::string>()));
  return tensor;
}

Case parse_case(const json& item) {
  Case parsed;
  parsed.name = item.at("name");
  for (const json& batch : item.at("batches")) {
    Batch& added = parsed.batches.emplace_back();
    for (const json& input : batch.at("inputs")) added.inputs.push_back(parse_tensor(input));
    for (const json& output : batch.at("outputs")) added.outputs.push_back(parse_tensor(output));
  }
  for (const auto& [kind, file] : item.at("files").items()) parsed.files[kind] = models_folder() / file.get<std::string>();
  return parsed;
}

Models read_models() {
  const json manifest = json::parse(value_or_throw(read_text_file(models_folder() / "manifest.json")));
  Models read;
  for (const json& item : manifest.at("cases")) read.cases.emplace(item.at("name"), parse_case(item));
  for (const json& item : manifest.at("topologies")) read.topologies.push_back(parse_case(item));
  for (const auto& [kind, file] : manifest.at("liars").items()) read.liars[kind] = models_folder() / file.get<std::string>();
  return read;
}

}  // namespace

const fs::path& models_folder() {
  static const fs::path path = [] {
    const char* given = std::getenv("PODIUM_CONFORMANCE_MODELS");  // on another machine than the one that built the tests
    return fs::path(given != nullptr && *given != '\0' ? given : PODIUM_CONFORMANCE_MODELS);
  }();
  return path;
}

fs::path Case::file(const backend::Descriptor& descriptor, Precision precision) const {
  const bool compiled_for_one = descriptor.model_format == "aoti";
  const auto found =
      files.find(compiled_for_one ? descriptor.model_format + "/" + std::string(to_string(precision)) : descriptor.model_format);
  return found == files.end() ? fs::path() : found->second;
}

const Models& models() {
  static const Models read = read_models();
  return read;
}

const Case& case_named(const std::string& name) {
  for (const Case& topology : models().topologies) {
    if (topology.name == name) return topology;
  }
  return models().cases.at(name);
}

std::vector<std::string> topology_names() {
  return {"light_bvlc_alexnet", "light_densenet121", "light_inception_v1", "light_inception_v2", "light_resnet50",
          "light_shufflenet",   "light_squeezenet",  "light_vgg19",        "light_zfnet512"};
}

}  // namespace podium::conformance

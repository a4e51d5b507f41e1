#include "api/kept_loads.h"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "core/files.h"
#include "core/json.h"
#include "core/sha256.h"
#include "core/tensor_view.h"

namespace podium::api {
namespace {

namespace fs = std::filesystem;

constexpr const char* kind = "loads";
constexpr const char* schema = "podium.kept-load/1";
constexpr std::size_t most_bytes = std::size_t{1} << 16;

bool is_there(const nlohmann::json& path) {
  std::error_code error;
  return path.is_string() && fs::exists(path.get<std::string>(), error);
}

}  // namespace

KeptLoads::KeptLoads(const cache::Cache& cache, const Circumstances& of)
    : cache_(cache),
      folder_key_{of.model_sha256,
                  of.device,
                  std::to_string(of.threads),
                  of.environment.cpu,
                  of.environment.gpu,
                  of.environment.driver,
                  of.environment.podium_version} {}

/// One file for each way of loading the model, so that two runs never write the same file with different things in mind.
std::string KeptLoads::file_name(const search::Candidate& candidate, const std::vector<backend::InputSpec>& inputs) const {
  nlohmann::json key{{"backend", candidate.backend.descriptor.name},
                     {"precision", to_string(candidate.precision)},
                     {"options", options_to_json(candidate.options)},
                     {"inputs", nlohmann::json::array()}};
  for (const backend::InputSpec& input : inputs) key["inputs"].push_back({input.name, to_string(input.type), to_string(input.shape)});
  return sha256_of_text(dump_json(key)) + ".json";
}

void KeptLoads::remember(const search::Candidate& candidate, const std::vector<backend::InputSpec>& inputs,
                         const search::PreparedModel& model, double seconds) {
  std::error_code error;
  const fs::path file = fs::absolute(model.path, error);
  const auto folder = cache_.working_folder(kind, folder_key_);
  if (error || !folder) return;
  const nlohmann::json load{{"schema", schema}, {"model", file.string()}, {"engine", model.cache.string()}, {"seconds", seconds}};
  static_cast<void>(write_file_atomically(folder->folder() / file_name(candidate, inputs), dump_json(load)));
}

std::optional<double> KeptLoads::last_seconds(const search::Candidate& candidate, const std::vector<backend::InputSpec>& inputs) const {
  const auto folder = cache_.existing_working_folder(kind, folder_key_);
  if (!folder) return std::nullopt;
  const auto text = read_text_file(*folder / file_name(candidate, inputs), most_bytes);
  if (!text) return std::nullopt;
  const auto load = parse_json(*text, "what a load took");
  if (!load || !load->is_object() || load->value("schema", nlohmann::json()) != nlohmann::json(schema)) return std::nullopt;
  const nlohmann::json seconds = load->value("seconds", nlohmann::json());
  if (!seconds.is_number() || !is_there(load->value("model", nlohmann::json())) || !is_there(load->value("engine", nlohmann::json())))
    return std::nullopt;
  const auto value = seconds.get<double>();
  return std::isfinite(value) && value >= 0.0 ? std::optional(value) : std::nullopt;
}

}  // namespace podium::api

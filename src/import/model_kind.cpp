#include "import/model_kind.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <vector>

#include "core/text.h"

namespace podium::import {
namespace {

struct KindName {
  std::string_view text;
  ModelKind kind;
};
constexpr std::array<KindName, 3> prefixes{
    {{"torchvision", ModelKind::torchvision}, {"hf", ModelKind::hugging_face}, {"python", ModelKind::python}}};
constexpr std::array<KindName, 2> extensions{{{".onnx", ModelKind::onnx_file}, {".pt2", ModelKind::pt2_file}}};

tl::unexpected<Error> unknown_kind(const std::string& what) {
  return fail(ErrorCode::wrong_use, what, fmt::format("MODEL is one of: {}", known_kinds()));
}

/// "resnt:x", "keras:x": a prefix that is none of ours. A path may hold a colon, but not before its first '/'.
bool has_prefix(const std::string& model) {
  const std::size_t colon = model.find(':');
  return colon != std::string::npos && model.find('/') > colon;
}

tl::unexpected<Error> unknown_prefix(const std::string& model) {
  const std::string prefix = model.substr(0, model.find(':'));
  std::vector<std::string> known;
  for (const KindName& row : prefixes) known.emplace_back(row.text);
  return unknown_kind(
      fmt::format("'{}': models named by '{}:' are not known{}", printable(model), printable(prefix), did_you_mean(prefix, known)));
}

tl::unexpected<Error> unknown_path(const std::string& model) {
  std::error_code error;
  const std::filesystem::path path(model);
  if (std::filesystem::is_directory(path, error)) return unknown_kind(fmt::format("'{}' is a folder, not a model file", printable(model)));
  if (std::filesystem::exists(path, error)) {
    return unknown_kind(fmt::format("'{}': a file that ends in '{}' is no kind of model that Podium reads", printable(model),
                                    printable(path.extension().string())));
  }
  return unknown_kind(fmt::format("'{}' is neither a file nor a kind of model that Podium knows", printable(model)));
}

}  // namespace

std::string_view known_kinds() noexcept {
  return "FILE.onnx; FILE.pt2 (an exported program or an AOTInductor package); torchvision:NAME; hf:DIR (a folder "
         "that transformers' save_pretrained() wrote); python:package.module:function";
}

Result<NamedModel> kind_of_model(const std::string& model) {
  for (const auto& [prefix, kind] : prefixes) {
    if (model.starts_with(std::string(prefix) + ':')) return NamedModel{kind, model.substr(prefix.size() + 1)};
  }
  for (const auto& [extension, kind] : extensions) {
    if (std::filesystem::path(model).extension() == extension) return NamedModel{kind, model};
  }
  if (has_prefix(model)) return unknown_prefix(model);
  return unknown_path(model);
}

}  // namespace podium::import

#include "api/tokenizer_files.h"

#include <algorithm>
#include <string_view>
#include <system_error>

namespace podium::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view hugging_face = "hf:";
constexpr std::string_view kept_under = "tokenizer/";
/// One of these makes a folder one of a tokenizer.
constexpr std::string_view principal_files[] = {"tokenizer.json", "tokenizer_config.json"};
/// What transformers reads besides, by the kind of tokenizer; config.json names that where the tokenizer's own files do not.
constexpr std::string_view other_files[] = {"added_tokens.json",       "config.json",  "merges.txt",
                                            "sentencepiece.bpe.model", "spiece.model", "special_tokens_map.json",
                                            "tokenizer.model",         "vocab.json",   "vocab.txt"};

template <std::size_t count>
void add(const fs::path& folder, const std::string_view (&names)[count], std::map<std::string, fs::path>& files) {
  for (const std::string_view name : names) {
    std::error_code error;
    if (fs::is_regular_file(folder / name, error)) files.emplace(std::string(kept_under) + std::string(name), folder / name);
  }
}

}  // namespace

fs::path hugging_face_folder(const std::string& model) {
  return model.starts_with(hugging_face) ? fs::path(model.substr(hugging_face.size())) : fs::path();
}

std::map<std::string, fs::path> tokenizer_files(const std::string& model) {
  std::map<std::string, fs::path> files;
  const fs::path folder = hugging_face_folder(model);
  if (folder.empty()) return files;
  add(folder, principal_files, files);
  if (!files.empty()) add(folder, other_files, files);
  return files;
}

fs::path tokenizer_in(const Manifest& manifest, const fs::path& folder) {
  const bool any =
      std::any_of(manifest.files.begin(), manifest.files.end(), [](const auto& file) { return file.first.starts_with(kept_under); });
  return any ? folder / kept_under : fs::path();
}

}  // namespace podium::api

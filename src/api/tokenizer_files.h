#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "podium/artifact.h"

/// The tokenizer of a model of texts: files of transformers' in a folder, which an artefact keeps under "tokenizer/".
namespace podium::api {

/// The folder of hf:DIR; empty for other models.
[[nodiscard]] std::filesystem::path hugging_face_folder(const std::string& model);

/// The files that the tokenizer of hf:DIR is read from, by their paths within an artefact; none where DIR has none.
[[nodiscard]] std::map<std::string, std::filesystem::path> tokenizer_files(const std::string& model);

/// Where an artefact that is opened in `folder` keeps one; empty where it keeps none.
[[nodiscard]] std::filesystem::path tokenizer_in(const Manifest& manifest, const std::filesystem::path& folder);

}  // namespace podium::api

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "data/input_set.h"

namespace podium::data {

struct PictureFile {
  std::filesystem::path file;
  std::string name;  ///< relative to the folder
};

/// Pictures of a folder, and what is known to be right of each. Nothing is opened but a CSV of labels.
struct PictureList {
  std::vector<PictureFile> files;  ///< in order of name
  std::optional<Labels> labels;    ///< a row for each file
  std::size_t left_out = 0;        ///< pictures that a CSV of labels does not name
};

/// Lists what is to be read, at most as many as `options` say. Labels that are asked for and cannot be had are an error; see LabelSource.
[[nodiscard]] Result<PictureList> list_pictures(const std::filesystem::path& folder, const ReadOptions& options);

}  // namespace podium::data

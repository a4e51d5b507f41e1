#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace podium::data {

struct LabelRow {
  std::string file;  ///< as the table names it
  float label = 0.0F;
};

/// Reads a CSV of two columns: a picture's file, relative to the folder, and its label, a number. A first line whose second column is no
/// number is a heading. Fields may be quoted. A file named twice, a line without two columns and a label that is no number are errors.
[[nodiscard]] Result<std::vector<LabelRow>> read_label_table(const std::filesystem::path& file);

}  // namespace podium::data

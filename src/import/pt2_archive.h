#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/result.h"

namespace podium::import {

/// A .pt2 file is a zip archive; what it holds decides what it is.
struct Pt2Archive {
  enum class Content { exported_program, aoti_package };
  Content content = Content::exported_program;
  std::map<std::string, std::string> metadata;  ///< of an AOTInductor package
};

/// ErrorCode::bad_input for a file that is missing, damaged, or neither of the two.
[[nodiscard]] Result<Pt2Archive> read_pt2_archive(const std::filesystem::path& file);

}  // namespace podium::import

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Finds out before minutes of measuring, not after, that a file cannot be written: no folder, no permission, a full disk, a file that
/// would be overwritten by mistake. `files` are (flag, path as typed, empty where it was not given). Throws podium::Exception.
void check_output_files(const std::string& model, const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace cli

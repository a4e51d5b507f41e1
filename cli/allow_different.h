#pragma once

#include <string>
#include <vector>

#include "podium/compare.h"

namespace cli {

/// "machine,boundary,model" of --allow-different; throws podium::Exception for any other word. Empty: nothing may differ.
[[nodiscard]] podium::CompareOptions parse_allow_different(const std::string& text);

/// "machine", "boundary", "model"
[[nodiscard]] std::vector<std::string> allow_different_words();

}  // namespace cli

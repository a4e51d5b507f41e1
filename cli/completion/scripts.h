#pragma once

#include <string>
#include <vector>

namespace cli {

/// "bash", "fish", "zsh"
[[nodiscard]] std::vector<std::string> shell_names();
/// What makes that shell ask the program at every Tab. Throws podium::Exception (wrong_use) for a shell that is not known.
[[nodiscard]] std::string completion_script(const std::string& shell);

}  // namespace cli

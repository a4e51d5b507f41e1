#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Finds out before minutes of measuring, not after, that a file cannot be written: no folder, no permission, a full disk, a file that
/// would be overwritten by mistake. `files` are (flag, path as typed, empty where it was not given); `input` is what is read, and
/// `what_input_is` says so. Throws podium::Exception.
void check_output_files(const std::string& input, const std::vector<std::pair<std::string, std::string>>& files,
                        const std::string& what_input_is = "is the model itself");

/// Likewise that none of `files` is what another flag names to be read: data, labels, weights. Both are (flag, path as typed).
void check_inputs_are_kept(const std::vector<std::pair<std::string, std::string>>& inputs,
                           const std::vector<std::pair<std::string, std::string>>& files);

/// What a command that measures reads besides the model, for check_inputs_are_kept().
template <typename Flags>
[[nodiscard]] std::vector<std::pair<std::string, std::string>> inputs_of(const Flags& flags) {
  return {{"--data", flags.data},
          {"--labels", flags.labels},
          {"--preprocess", flags.preprocess},
          {"--calibrate", flags.calibrate},
          {"--weights", flags.weights}};
}

}  // namespace cli

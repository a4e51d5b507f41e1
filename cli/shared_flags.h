#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// Flags that mean the same in every command that has them.
namespace cli {

/// What every flag for inputs takes.
inline constexpr const char* kinds_of_data =
    "a folder of JPEG or PNG pictures, a .npz, a .npy, a .txt of a text a line, or python:MODULE:FUNCTION, which yields them";

void add_shape_flag(CLI::App& command, std::vector<std::string>& shapes);
void add_preprocess_flag(CLI::App& command, std::string& file);
void add_percentile_flag(CLI::App& command, std::string& percentile);
void add_weights_flag(CLI::App& command, std::string& file);
void add_no_wait_flag(CLI::App& command, bool& no_wait);
void add_priority_flag(CLI::App& command, bool& normal_priority);

}  // namespace cli

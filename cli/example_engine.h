#pragma once

#include <string>

#include <CLI/CLI.hpp>

/// The engine that examples in help and messages name. The build's registry says which: no command knows engines.
namespace cli {

struct ExampleEngine {
  std::string name;     ///< that of the engine which models in ONNX are held against, else of any; "BACKEND" where none can be read
  std::string setting;  ///< for --set, both values of one of its flags
};

[[nodiscard]] ExampleEngine example_engine();

/// Sets what stands below a command's flags. In it, {engine} and {setting} become those of the example engine when the help is asked for.
void set_examples(CLI::App& command, const std::string& text);

}  // namespace cli

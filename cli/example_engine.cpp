#include "example_engine.h"

#include <algorithm>

#include <fmt/format.h>

#include "podium/doctor.h"
#include "podium/error.h"

namespace cli {
namespace {

/// Help is there though no backend can be read: the command itself will say why.
std::vector<podium::BackendReport> backends() {
  try {
    return podium::known_backends();
  } catch (const podium::Exception&) {
    return {};
  }
}

bool is_flag(const podium::OptionSpec& option) {
  return option.type == podium::OptionType::flag;
}

bool has_flag(const podium::BackendReport& backend) {
  return std::any_of(backend.options.begin(), backend.options.end(), is_flag);
}

}  // namespace

ExampleEngine example_engine() {
  const std::vector<podium::BackendReport> known = backends();
  auto found = std::find_if(known.begin(), known.end(), [](const auto& backend) { return backend.onnx_baseline && has_flag(backend); });
  if (found == known.end()) found = std::find_if(known.begin(), known.end(), has_flag);
  if (found == known.end()) return {"BACKEND", "BACKEND.OPTION=V1,V2"};
  const auto option = std::find_if(found->options.begin(), found->options.end(), is_flag);
  return {found->name, fmt::format("{}.{}=on,off", found->name, option->name)};
}

void set_examples(CLI::App& command, const std::string& text) {
  // CLI11 puts the text of a function before that which is set, and a line's end between the two.
  const std::size_t last_line = text.rfind('\n');
  command.footer([head = text.substr(0, last_line)] {
    const ExampleEngine engine = example_engine();
    return fmt::format(fmt::runtime(head), fmt::arg("engine", engine.name), fmt::arg("setting", engine.setting));
  });
  command.footer(text.substr(last_line + 1));
}

}  // namespace cli

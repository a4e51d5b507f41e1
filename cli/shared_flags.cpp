#include "shared_flags.h"

namespace cli {

void add_shape_flag(CLI::App& command, std::vector<std::string>& shapes) {
  command.add_option("--shape", shapes, "sizes of an input with free axes, batch included; may be repeated")
      ->type_name("NAME=1x128")
      ->take_all()
      ->allow_extra_args(false);
}

void add_preprocess_flag(CLI::App& command, std::string& file) {
  command
      .add_option(
          "--preprocess", file,
          "how pictures become inputs, a JSON file (default: preprocess.json beside them, the model's metadata, else as torchvision)")
      ->type_name("FILE");
}

void add_percentile_flag(CLI::App& command, std::string& percentile) {
  command.add_option("--percentile", percentile, "of values inside the range, for --method percentile (default: 99.999)")->type_name("P");
}

void add_weights_flag(CLI::App& command, std::string& file) {
  command.add_option("--weights", file, "state dictionary for a torchvision model (.safetensors, .pt, .pth); nothing in it is executed")
      ->type_name("FILE");
}

void add_no_wait_flag(CLI::App& command, bool& no_wait) {
  command.add_flag("--no-wait", no_wait, "refuse while another run measures here, rather than wait for it, exit status 3");
}

void add_priority_flag(CLI::App& command, bool& normal_priority) {
  command.add_flag("--normal-priority", normal_priority,
                   "let workers share the CPUs with other programs (default: before them, where the system lets Podium)");
}

}  // namespace cli

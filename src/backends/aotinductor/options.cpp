#include "backends/aotinductor/options.h"

#include <string>

namespace podium::aotinductor {

std::vector<OptionSpec> option_specs() {
  return {
      // The first four are settled when the package is compiled: the exporter is given them, and each combination is a package of its own.
      {"freezing",
       OptionType::flag,
       OptionValue{true},
       {},
       0,
       0,
       "compile the weights in as constants, folded and laid out for the kernels; always so in int8-static"},
      {"max-autotune",
       OptionType::flag,
       OptionValue{false},
       {},
       0,
       0,
       "try several kernels for each operator while compiling and keep the fastest"},
      {"channels-last", OptionType::flag, OptionValue{false}, {}, 0, 0, "compile the model for activations in channels-last order"},
      {"half-by",
       OptionType::choice,
       OptionValue{std::string{"weights"}},
       {"weights", "autocast"},
       0,
       0,
       "bf16 and fp16. weights: weights and activations in the half type; autocast: PyTorch chooses for each operator"},
      {"threads-policy",
       OptionType::choice,
       OptionValue{std::string{"podium"}},
       {"podium", "engine"},
       0,
       0,
       "podium: as many threads as --threads says; engine: as many as PyTorch chooses"},
      {"run-single-threaded",
       OptionType::flag,
       OptionValue{false},
       {},
       0,
       0,
       "leave out the locks that let several threads call the model at once"},
      {"keep-memory",
       OptionType::flag,
       OptionValue{false},
       {},
       0,
       0,
       "keep freed memory in the process, where glibc gives some back to the system at every call"},
      {"flush-denormals", OptionType::flag, OptionValue{false}, {}, 0, 0, "treat denormal numbers as zero"},
  };
}

std::vector<backend::OptionTrial> option_trials() {
  return {{"keep-memory", {"on"}}, {"threads-policy", {"engine"}}, {"channels-last", {"on"}, true}, {"max-autotune", {"on"}, true}};
}

}  // namespace podium::aotinductor

#include "backends/tensorrt/options.h"

#include <string>
#include <utility>

#include "backends/api/request_check.h"

namespace podium::tensorrt {
namespace {

constexpr std::int64_t usual_level = 3;
constexpr std::int64_t highest_level = 5;
constexpr std::int64_t most_mib = std::int64_t{1} << 20;
constexpr std::int64_t most_timings = 64;

}  // namespace

std::vector<OptionSpec> option_specs() {
  return {
      {"cuda-graph",
       OptionType::flag,
       OptionValue{true},
       {},
       0,
       0,
       "record an inference's kernels once and launch them as one; off: enqueue them each time"},
      {"optimization-level",
       OptionType::integer,
       OptionValue{usual_level},
       {},
       0,
       highest_level,
       "how long the builder searches; another than 3 needs TensorRT 8.6 or newer"},
      {"workspace-mib",
       OptionType::integer,
       OptionValue{std::int64_t{0}},
       {},
       0,
       most_mib,
       "memory that kernels may use while they run; 0: all of the GPU's"},
      {"timings",
       OptionType::integer,
       OptionValue{std::int64_t{0}},
       {},
       0,
       most_timings,
       "how often the builder times each kernel to choose the fastest; 0: as often as TensorRT does by itself"},
      {"kernels",
       OptionType::choice,
       OptionValue{std::string{"own"}},
       {"own", "vendor"},
       0,
       0,
       "own: TensorRT's; vendor: those of cuBLAS and cuDNN too, which must be there in full (up to TensorRT 10)"},
      {"int8",
       OptionType::choice,
       OptionValue{std::string{"qdq"}},
       {"qdq", "ranges"},
       0,
       0,
       "int8-static: qdq: quantized where the model's Q/DQ stand; ranges: the same ranges are set on its values, and TensorRT chooses "
       "where int8 pays (up to TensorRT 10)"},
      {"version-compatible",
       OptionType::flag,
       OptionValue{false},
       {},
       0,
       0,
       "build an engine that later versions of TensorRT load too (from 8.6 on)"},
      {"beside-int8",
       OptionType::choice,
       OptionValue{std::string{"fp16"}},
       {"fp16", "fp32"},
       0,
       0,
       "int8-static: what layers that are not in int8 may compute in (up to TensorRT 10)"},
      {backend::shapes_option,
       OptionType::text,
       OptionValue{std::string()},
       {},
       0,
       0,
       "one engine for a range of shapes: least, usual and largest size of an axis, as in input_ids=1x16:128:512, inputs parted by ';'; "
       "without: for the cell's shapes"},
      {"sparse-weights",
       OptionType::flag,
       OptionValue{false},
       {},
       0,
       0,
       "use kernels for weights of which two in four are zero, where they are so"},
      {"engine-cache",
       OptionType::flag,
       OptionValue{true},
       {},
       0,
       0,
       "keep built engines, and what the builder measured, for the next time; off: build anew"},
  };
}

std::vector<backend::OptionTrial> option_trials(bool takes_ranges) {
  std::vector<backend::OptionTrial> trials{{"cuda-graph", {"off"}}};
  if (takes_ranges) trials.push_back({"int8", {"ranges"}, true});  // another engine; its answers are judged as any candidate's
  return trials;
}

BuildSettings build_settings(const OptionValues& options) {
  BuildSettings settings;
  settings.optimization_level = backend::integer(options, "optimization-level");
  settings.workspace_mib = backend::integer(options, "workspace-mib");
  settings.timings = backend::integer(options, "timings");
  settings.vendor_kernels = backend::text(options, "kernels") == "vendor";
  settings.fp16_beside_int8 = backend::text(options, "beside-int8") == "fp16";
  settings.int8_by_ranges = backend::text(options, "int8") == "ranges";
  settings.version_compatible = backend::flag(options, "version-compatible");
  settings.sparse_weights = backend::flag(options, "sparse-weights");
  return settings;
}

Result<std::vector<backend::ShapeRange>> shape_ranges(const backend::LoadRequest& request) {
  auto ranges = backend::parse_shape_ranges(backend::text(request.options, backend::shapes_option));
  if (!ranges) return ranges;
  if (auto held = backend::check_ranges_hold(*ranges, request.inputs); !held) return tl::unexpected(std::move(held.error()));
  return ranges;
}

}  // namespace podium::tensorrt

#pragma once

#include <vector>

#include "backends/api/backend.h"
#include "backends/api/shape_ranges.h"

namespace podium::tensorrt {

[[nodiscard]] std::vector<OptionSpec> option_specs();
/// Values that a search for the fastest way tries. `takes_ranges`: this version quantizes by ranges too.
[[nodiscard]] std::vector<backend::OptionTrial> option_trials(bool takes_ranges);

/// How an engine is built, read from a request's options.
struct BuildSettings {
  std::int64_t optimization_level = 3;
  std::int64_t workspace_mib = 0;  ///< 0: as much as there is
  std::int64_t timings = 0;        ///< of each kernel; 0: as many as the engine takes
  bool vendor_kernels = false;     ///< of cuBLAS and cuDNN too
  bool fp16_beside_int8 = true;
  bool int8_by_ranges = false;  ///< of tensors; false: as the file's Q/DQ say
  bool version_compatible = false;
  bool sparse_weights = false;
};
[[nodiscard]] BuildSettings build_settings(const OptionValues& options);
/// Of its inputs, those that one engine is to take in several shapes. An error where the request's own lie outside.
[[nodiscard]] Result<std::vector<backend::ShapeRange>> shape_ranges(const backend::LoadRequest& request);

}  // namespace podium::tensorrt

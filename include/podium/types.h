#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podium {

/// Element type of a tensor. Names are NumPy's, but for bfloat16, which NumPy lacks.
enum class DataType : std::uint8_t {
  float32,
  float64,
  float16,
  bfloat16,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  boolean,
};

/// "float32", "int64", …
[[nodiscard]] std::string_view to_string(DataType type) noexcept;
[[nodiscard]] std::optional<DataType> parse_data_type(std::string_view name) noexcept;
/// Bytes of one element.
[[nodiscard]] std::size_t size_of(DataType type) noexcept;

/// The arithmetic a cell computes in. Weights and activations; int8 "dynamic" chooses its ranges while running.
enum class Precision : std::uint8_t { fp32, tf32, bf16, fp16, int8_dynamic, int8_static };

/// "fp32", "int8-dynamic", …: the spelling of the command line and the results file.
[[nodiscard]] std::string_view to_string(Precision precision) noexcept;
[[nodiscard]] std::optional<Precision> parse_precision(std::string_view name) noexcept;
[[nodiscard]] const std::vector<Precision>& all_precisions();

/// Where a timed call begins and ends; one for all engines of a run.
enum class TimingBoundary : std::uint8_t {
  host,    ///< inputs and readable outputs in the caller's memory: every copy between is timed
  device,  ///< inputs and outputs where the engine computes: run and synchronize are timed, and nothing else
};

/// "host", "device".
[[nodiscard]] std::string_view to_string(TimingBoundary boundary) noexcept;
[[nodiscard]] std::optional<TimingBoundary> parse_timing_boundary(std::string_view name) noexcept;

/// Concrete dimensions, outermost first.
using Shape = std::vector<std::int64_t>;

/// One axis of a model's input or output as the model declares it.
struct Dimension {
  std::int64_t size = -1;  ///< -1 where the axis is free
  std::string name;        ///< the free axis' name in the model ("batch", "sequence"); may be empty
  [[nodiscard]] bool is_free() const noexcept { return size < 0; }
};

/// An input or output as the model declares it; axes may be free.
struct TensorSpec {
  std::string name;
  DataType type = DataType::float32;
  std::vector<Dimension> dimensions;
};

}  // namespace podium

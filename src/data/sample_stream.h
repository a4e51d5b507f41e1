#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/result.h"
#include "data/input_set.h"

namespace podium::data {

/// Samples that need not all lie in memory.
class SampleStream {
 public:
  virtual ~SampleStream() = default;
  SampleStream() = default;
  SampleStream(const SampleStream&) = delete;
  SampleStream& operator=(const SampleStream&) = delete;

  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Sample `index`, below size(). Quick for the one after the last read; another may mean reading from the start.
  [[nodiscard]] virtual Result<Sample> read(std::size_t index) = 0;
};

/// Of samples that are in memory; they outlive the stream.
[[nodiscard]] std::unique_ptr<SampleStream> stream_of(const std::vector<Sample>& samples);

/// Some samples of a stream, which outlives this one: those of `indices`, in that order.
[[nodiscard]] std::unique_ptr<SampleStream> part_of(SampleStream& whole, std::vector<std::size_t> indices);

/// At most `limit` samples of a .npz file whose keys are names of inputs, read one at a time. Errors name the file and the array; one that
/// is cut off shows when the sample is read.
[[nodiscard]] Result<std::unique_ptr<SampleStream>> stream_npz(const std::filesystem::path& file, const std::vector<WantedInput>& inputs,
                                                               std::size_t limit);

}  // namespace podium::data

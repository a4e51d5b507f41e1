#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/temporary_folder.h"
#include "data/input_set.h"
#include "data/sample_stream.h"
#include "podium/cancel.h"

namespace podium::api {

/// Samples to calibrate with or to judge by: read from their file as often as they are needed where the file allows it (.npz), so that
/// memory does not grow with their number, else held in memory.
class SampleSet {
 public:
  /// As read_samples() reads, labels left out.
  [[nodiscard]] static Result<SampleSet> read(const std::filesystem::path& path, const std::vector<data::WantedInput>& inputs,
                                              const data::ReadOptions& options, const CancelToken& cancel);

  [[nodiscard]] std::size_t size() const noexcept { return indices_.size(); }
  [[nodiscard]] const std::string& description() const noexcept { return description_; }
  /// Outlived by this set.
  [[nodiscard]] std::unique_ptr<data::SampleStream> stream() const { return data::part_of(*whole_, indices_); }

  /// Two sets without a sample in common, by content: `calibration` samples at least, and the rest. See data::split().
  [[nodiscard]] Result<std::pair<SampleSet, SampleSet>> split(std::size_t calibration, std::uint64_t seed) const;
  /// bad_input, with their names, where samples of one are in the other too. See data::check_disjoint().
  [[nodiscard]] static Result<void> check_disjoint(const SampleSet& calibration, const SampleSet& test);

 private:
  /// Each sample stood for by the hash of its content: what is equal stays equal.
  [[nodiscard]] Result<data::InputSet> digests() const;
  [[nodiscard]] SampleSet part(const data::InputSet& digests, const data::InputSet& wanted, const std::string& purpose) const;

  std::shared_ptr<const TemporaryFolder> folder_;  ///< of samples that a function of the user's has made
  std::shared_ptr<const data::InputSet> held_;     ///< null where samples are read from their file
  std::shared_ptr<data::SampleStream> whole_;
  std::vector<std::size_t> indices_;  ///< of `whole_`
  std::string description_;
};

}  // namespace podium::api

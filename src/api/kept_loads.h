#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "cache/cache.h"
#include "podium/results.h"
#include "search/batch_run.h"

namespace podium::api {

/// What loading each candidate of a model took the last time, kept in the cache: whoever asks how long a build would take learns from it
/// that an engine has its compiled code already. It holds only while the model's file and the engine's folder are where they were. Of an
/// engine that was updated meanwhile it tells too little, once.
class KeptLoads {
 public:
  /// What decides the compiled code beside the candidate and its inputs.
  struct Circumstances {
    std::string model_sha256;
    std::string device;
    std::int64_t threads = 1;
    const Environment& environment;
  };

  KeptLoads(const cache::Cache& cache, const Circumstances& of);
  /// A cache that cannot be written to keeps nothing: the next run takes the candidate for one that must be built.
  void remember(const search::Candidate& candidate, const std::vector<backend::InputSpec>& inputs, const search::PreparedModel& model,
                double seconds);
  /// Nothing where it was never loaded so, where what it loaded is gone, or where the file does not read as one that this class wrote.
  [[nodiscard]] std::optional<double> last_seconds(const search::Candidate& candidate, const std::vector<backend::InputSpec>& inputs) const;

 private:
  [[nodiscard]] std::string file_name(const search::Candidate& candidate, const std::vector<backend::InputSpec>& inputs) const;

  cache::Cache cache_;
  std::vector<std::string> folder_key_;
};

}  // namespace podium::api

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "cache/cache.h"
#include "core/result.h"
#include "import/import.h"
#include "podium/cancel.h"

namespace podium::api {

/// A run's model rewritten in older versions of ONNX's operator set, for engines whose reader takes no newer ones. Each is made once and
/// kept in the cache; one that cannot be made is not tried again.
class LoweredModels {
 public:
  explicit LoweredModels(cache::Cache& cache) : cache_(cache) {}

  /// `model` itself where the engine reads it as it is. `newest_opset`: that the engine reads.
  [[nodiscard]] Result<import::Variant> variant(const import::Variant& model, std::int64_t newest_opset, const CancelToken& cancel,
                                                const import::OnProgress& on_progress);

 private:
  [[nodiscard]] Result<import::Variant> make(const import::Variant& model, std::int64_t newest_opset, const CancelToken& cancel,
                                             const import::OnProgress& on_progress);

  cache::Cache& cache_;
  std::map<std::pair<std::string, std::int64_t>, Result<import::Variant>> known_;  ///< by hash and version
};

}  // namespace podium::api

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "cache/cache.h"
#include "core/result.h"
#include "import/import.h"
#include "machine/measuring_lock.h"
#include "podium/bench.h"
#include "podium/cancel.h"

namespace podium::api {

/// Takes a model in as the user named it, with the Python that was set up. The cache outlives the model.
[[nodiscard]] Result<import::ImportedModel> take_in(const std::string& model, const std::filesystem::path& weights,
                                                    const std::map<std::string, Shape>& shapes, cache::Cache& cache,
                                                    const CancelToken& cancel, const import::OnProgress& on_progress);

/// Whether `model` is a name, or a file that is there: else taking it in only says what is wrong.
[[nodiscard]] bool is_at_hand(const std::string& model);

/// A model, and the turn in which it was taken in, for as long as the two are kept.
struct TakenIn {
  std::optional<machine::MeasuringLock> turn;  ///< none where there is no model to be taken in
  import::ImportedModel model;
};
/// For a look at the model before it is measured. Let go of it behind that, since each measuring takes a turn of its own.
[[nodiscard]] Result<TakenIn> take_in_alone(const BenchRequest& what, cache::Cache& cache, BenchObserver& observer,
                                            const CancelToken& cancel);

}  // namespace podium::api

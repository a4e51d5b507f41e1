#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "cache/cache.h"
#include "core/result.h"
#include "import/import.h"
#include "podium/cancel.h"

namespace podium::api {

/// Takes a model in as the user named it, with the Python that was set up. The cache outlives the model.
[[nodiscard]] Result<import::ImportedModel> take_in(const std::string& model, const std::filesystem::path& weights,
                                                    const std::map<std::string, Shape>& shapes, cache::Cache& cache,
                                                    const CancelToken& cancel, const import::OnProgress& on_progress);

/// Whether `model` is a name, or a file that is there: else taking it in only says what is wrong.
[[nodiscard]] bool is_at_hand(const std::string& model);

}  // namespace podium::api

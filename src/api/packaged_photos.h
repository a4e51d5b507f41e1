#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "data/input_set.h"
#include "podium/cancel.h"

/// Real inputs where the user has none: photos inside Python packages that scripts/setup installs for them. None is part of Podium.
namespace podium::api {

/// By these names they are data like any other. No photo is in both: they are divided by their content, the same way everywhere.
inline constexpr std::string_view photos_to_judge_by = "packaged:photos/judge";
inline constexpr std::string_view photos_to_calibrate_with = "packaged:photos/calibrate";
/// Sentences, for models that came with a tokenizer: python/podium_data finds and divides them.
inline constexpr std::string_view texts_to_judge_by = "packaged:texts/judge";
inline constexpr std::string_view texts_to_calibrate_with = "packaged:texts/calibrate";

[[nodiscard]] bool is_packaged(const std::filesystem::path& data);
[[nodiscard]] bool is_packaged_text(const std::filesystem::path& data);

/// Views of them as `inputs` take them. wrong_use where the model takes no pictures; unavailable where too few photos are installed.
[[nodiscard]] Result<data::InputSet> read_packaged(const std::filesystem::path& data, const std::vector<data::WantedInput>& inputs,
                                                   const data::ReadOptions& options, const CancelToken& cancel);

}  // namespace podium::api

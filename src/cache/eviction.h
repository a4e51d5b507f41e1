#pragma once

#include <cstdint>
#include <filesystem>

namespace podium::cache {

/// Removes what crashed runs left behind, then the least recently used entries until the rest fits the limit. Entries in use stay.
/// What cannot be removed is left for the next run: a full cache is no reason to stop a measurement.
void clean_up(const std::filesystem::path& root, std::int64_t limit_bytes);

}  // namespace podium::cache

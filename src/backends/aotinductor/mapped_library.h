#pragma once

#include <filesystem>

namespace podium::aotinductor {

/// Gives back the memory of the libraries that were loaded from `folder`. A compiled model's library has symbols that the C library holds
/// to be unique in the process, so closing it never unmaps it, and with it its weights. Its pages can be let go all the same: nobody reads
/// them again, and if somebody did they would be read from the file.
void release_pages(const std::filesystem::path& folder);

}  // namespace podium::aotinductor

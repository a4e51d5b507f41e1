#pragma once

#include <cstddef>
#include <vector>

#include "machine/cpu_use.h"

namespace podium::machine {

/// Whether a scan over the time in which engines were loaded and warmed up found a load worth a warning. Engines leave CPUs free only while
/// they are loaded, so a program that keeps one busy shows as a small part of it where the workers go before others, however many CPUs
/// there are; else as much as would be evidence against a block.
[[nodiscard]] bool is_load_beside(const std::vector<BusyProcess>& scan, std::size_t cpus, bool workers_go_first);

}  // namespace podium::machine

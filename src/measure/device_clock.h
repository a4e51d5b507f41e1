#pragma once

#include <optional>
#include <span>
#include <string>

#include "podium/results.h"

namespace podium::measure {

/// What the device's own clock and the host's say of a call, over the blocks that are scored; nothing where no block has both.
[[nodiscard]] std::optional<DeviceClock> device_clock_of(std::span<const Block> blocks);

/// Makes that the cell's figure, and takes back why it had none.
void take_device_clock(Cell& cell);

/// A host's clock that stops before the device's has not waited for the work. Says so in a sentence; nothing where the two can both be
/// right: the host's is longer by what it takes to start a call and to hear of its end.
[[nodiscard]] std::optional<std::string> disagreement(const DeviceClock& clock);

}  // namespace podium::measure

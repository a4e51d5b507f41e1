#pragma once

#include <string>

#include "podium/results.h"

namespace podium::search {

/// Two measurements with one key are of the same thing in the same place: SHA-256 over all that may change a time or an answer — the model
/// and its variant, engine and Podium versions, precision, batch, shapes, every option, threads, inputs, timing boundary and mode, and the
/// machine with its kernel and governor. Figures, the budget, the seed and the place of files are not in it, nor is the amount of memory,
/// which a kernel tells a little otherwise after each start: who compares keys compares that beside them, with a tolerance.
[[nodiscard]] std::string cell_key(const Cell& cell, const Environment& environment, const ModelFacts& model, const RunSettings& settings);

}  // namespace podium::search

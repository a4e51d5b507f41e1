#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "podium/artifact.h"
#include "podium/bench.h"
#include "podium/cancel.h"
#include "podium/results.h"

namespace podium {

struct PackRequest {
  std::vector<std::string> cells;  ///< ids, of one engine; empty: the fastest of each batch size that it, or whichever, runs
  std::filesystem::path output;    ///< a folder, or a .zip; must not exist
  std::string because;             ///< why these, a sentence for the manifest; empty: what the cells show
  bool overwrite = false;          ///< replaces an artefact that is there
  std::map<std::string, std::filesystem::path> attached;  ///< files of the caller's, by their paths within the artefact
  bool multi_engine = false;                              ///< the cells may be of several engines; all but the first's run out of process
};

/// Makes an artefact of measured cells: takes in the model and the data by the settings in the results, makes each cell's model file anew
/// (or finds it in the cache), has its engine answer a few inputs, which are recorded, and writes it all. Throws Exception for cells that
/// are unknown, did not end well, or exist in Python only, and for a model or data that are missing or have changed.
[[nodiscard]] Manifest pack(const Results& measured, const PackRequest& request, BenchObserver& observer, const CancelToken& cancel);

/// A measurement of a model at one set of shapes, and the cells of it that are to go into an artefact.
struct MeasuredAt {
  Results measured;
  std::vector<std::string> cells;
};
/// The same of one model at several sets of shapes: each call of the artefact goes to the variant that was measured nearest to its shapes.
/// `request.cells` is not asked. Throws Exception (wrong_use) where the models or the engines differ.
[[nodiscard]] Manifest pack(const std::vector<MeasuredAt>& parts, const PackRequest& request, BenchObserver& observer,
                            const CancelToken& cancel);

}  // namespace podium

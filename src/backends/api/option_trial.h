#pragma once

#include <string>
#include <vector>

namespace podium::backend {

/// Values of a backend's option that are worth a measurement where the fastest way of running a model is looked for. The default is
/// measured anyway and does not stand here, nor does what changes answers or only serves to look into the engine.
struct OptionTrial {
  std::string option;
  std::vector<std::string> values;             ///< as --set takes them
  bool builds_slowly = false;                  ///< each value is a build of its own, of a minute or more
  std::vector<std::string> device_kinds = {};  ///< where it is worth that; empty: wherever the backend runs
};

}  // namespace podium::backend

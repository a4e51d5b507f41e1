#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "podium/options.h"

namespace podium::fake {

/// Where in a worker's life a fault can be asked for.
enum class Moment { load, answers, measure };

/// The faults that were asked for, each at its moment.
class Faults {
 public:
  explicit Faults(const OptionValues& options) : options_(options) {}
  /// Does what is due at this moment: may not return, or may throw.
  [[nodiscard]] Result<void> strike(Moment moment) const;
  /// Whether any fault waits for an inference.
  [[nodiscard]] bool any_at_run() const;

 private:
  [[nodiscard]] bool due(const char* option, Moment moment) const;

  OptionValues options_;
};

}  // namespace podium::fake

#pragma once

#include <optional>

#include "podium/error.h"

namespace cli {

/// Does each thing, though one before it was refused, and throws the first refusal at the end: a full disk must not cost the table,
/// nor a closed pipe the files.
class AllThenThrow {
 public:
  template <typename Action>
  void attempt(const Action& action) {
    try {
      action();
    } catch (const podium::Exception& error) {
      if (!first_) first_ = error.error();
    }
  }
  void rethrow() const {
    if (first_) throw podium::Exception(*first_);
  }

 private:
  std::optional<podium::Error> first_;
};

}  // namespace cli

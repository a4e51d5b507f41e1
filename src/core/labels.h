#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace podium {

/// What is known to be right of samples: a row for each, or one for each two where samples are pairs (0 and 1, 2 and 3, …).
struct Labels {
  std::vector<float> values;  ///< row by row
  std::size_t width = 1;      ///< values of one row
  bool are_classes = true;    ///< numbers of classes, from 0 on; else numbers to be predicted
  std::string source;         ///< "file names", "folders", "labels.csv", …

  [[nodiscard]] std::size_t rows() const noexcept { return values.size() / width; }
};

}  // namespace podium

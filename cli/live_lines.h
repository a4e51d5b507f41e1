#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace cli {

/// Lines at the end of a terminal that are drawn over again and again. The cursor stays behind the last one and nothing of the terminal is
/// switched, so that a program that ends at any moment leaves it as it was.
class LiveLines {
 public:
  explicit LiveLines(std::FILE* stream) : stream_(stream) {}
  /// None may be wider than the terminal. Lines that did not change are not written again.
  void draw(const std::vector<std::string>& lines, std::size_t columns);
  /// The cursor is then where the first line was.
  void clear();

 private:
  /// Rows that what was drawn takes now: a terminal that became narrower has broken its lines.
  [[nodiscard]] std::size_t rows(std::size_t columns) const;
  void begin_anew(std::size_t columns);

  std::FILE* stream_;
  std::vector<std::string> drawn_;
  std::size_t columns_ = 0;
};

}  // namespace cli

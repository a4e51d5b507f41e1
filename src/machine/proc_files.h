#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace podium::machine {

/// The content of a small file of /proc or /sys, nothing where it cannot be read. One open and one read: these files come whole.
[[nodiscard]] std::optional<std::string> read_small_file(const std::filesystem::path& file);
/// The whole number that a file begins with.
[[nodiscard]] std::optional<std::int64_t> read_number(const std::filesystem::path& file);
/// First line, without blanks around it; empty where the file cannot be read.
[[nodiscard]] std::string read_line(const std::filesystem::path& file);
/// The number behind `key` in a text of "key value" or "key: value" lines.
[[nodiscard]] std::optional<std::int64_t> keyed_number(const std::string& text, const std::string& key);
/// "0-3,8" → 0, 1, 2, 3, 8, as the kernel writes lists of CPUs; what is not such a list is left out.
[[nodiscard]] std::vector<int> parse_cpu_list(const std::string& text);
/// The other way round.
[[nodiscard]] std::string cpu_list_text(const std::vector<int>& cpus);

}  // namespace podium::machine

#include "machine/proc_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "core/unique_fd.h"

namespace podium::machine {

namespace {

constexpr int most_cpus = 1 << 16;  // a damaged list must not fill the memory

std::optional<std::int64_t> leading_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t:"), text.size()));
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> read_small_file(const std::filesystem::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::nullopt;
  std::string text;
  std::string buffer(std::size_t{64} << 10, '\0');
  while (true) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0) return std::nullopt;
    if (count == 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(count));
  }
}

std::optional<std::int64_t> read_number(const std::filesystem::path& file) {
  const std::optional<std::string> text = read_small_file(file);
  return text ? leading_number(*text) : std::nullopt;
}

std::string read_line(const std::filesystem::path& file) {
  const std::string text = read_small_file(file).value_or("");
  const std::string line = text.substr(0, text.find('\n'));
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

std::optional<std::int64_t> keyed_number(const std::string& text, const std::string& key) {
  for (const std::string& line : split(text, '\n')) {
    if (line.size() <= key.size() || !line.starts_with(key)) continue;
    const char next = line[key.size()];
    if (next == ' ' || next == ':' || next == '\t') return leading_number(std::string_view(line).substr(key.size()));
  }
  return std::nullopt;
}

std::vector<int> parse_cpu_list(const std::string& text) {
  std::vector<int> cpus;
  for (const std::string& part : split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = leading_number(part);
    const auto last = dash == std::string::npos ? first : leading_number(std::string_view(part).substr(dash + 1));
    if (!first || !last || *first < 0 || *last >= most_cpus) continue;
    for (std::int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

std::string cpu_list_text(const std::vector<int>& cpus) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t end = i + 1;
    while (end < cpus.size() && cpus[end] == cpus[end - 1] + 1) ++end;
    parts.push_back(end - i == 1 ? std::to_string(cpus[i]) : fmt::format("{}-{}", cpus[i], cpus[end - 1]));
    i = end;
  }
  return join(parts, ",");
}

}  // namespace podium::machine

#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "podium/error.h"

namespace cli {
namespace {

constexpr int narrowest = 20;
constexpr int width_of_a_file = 120;
constexpr std::size_t usual_height = 24;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool is_terminal(std::FILE* stream) noexcept {
  return ::isatty(::fileno(stream)) == 1;
}

bool can_redraw(std::FILE* stream) noexcept {
  return is_terminal(stream) && variable("TERM") != "dumb";
}

bool wants_colour(std::FILE* stream) noexcept {
  return can_redraw(stream) && variable("NO_COLOR").empty();
}

bool wants_unicode() noexcept {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = variable(name);
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return value.find("UTF-8") != std::string::npos || value.find("UTF8") != std::string::npos;
  }
  return false;
}

int width_of(std::FILE* stream) noexcept {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return std::max<int>(narrowest, size.ws_col);
  const int columns = std::atoi(variable("COLUMNS").c_str());
  return columns > 0 ? std::max(narrowest, columns) : width_of_a_file;
}

std::size_t height_of(std::FILE* stream) noexcept {
  winsize size{};
  return ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : usual_height;
}

podium::TableStyle style_of(std::FILE* stream) noexcept {
  return {wants_colour(stream), wants_unicode(), width_of(stream)};
}

void print_out(std::string_view text) {
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written == text.size() && std::fflush(stdout) == 0) return;
  const std::string reason = std::generic_category().message(errno);
  throw podium::Exception({podium::ErrorCode::io, "cannot write to standard output: " + reason, "redirect it to a place with room"});
}

}  // namespace cli

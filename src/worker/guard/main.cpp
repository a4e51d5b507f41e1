#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "worker/guard/guard.h"

namespace {

struct Arguments {
  int lifeline = -1;
  int status = -1;
  char** program = nullptr;
};

std::optional<int> descriptor_number(const char* text) {
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < 3 || value > 1 << 20) return std::nullopt;
  return static_cast<int>(value);
}

/// `--lifeline FD --status FD -- PROGRAM …`: written by one caller, so in one order only.
std::optional<Arguments> parse(int count, char** values) {
  if (count < 7 || std::string_view(values[1]) != "--lifeline" || std::string_view(values[3]) != "--status" ||
      std::string_view(values[5]) != "--") {
    return std::nullopt;
  }
  const std::optional<int> lifeline = descriptor_number(values[2]);
  const std::optional<int> status = descriptor_number(values[4]);
  if (!lifeline || !status) return std::nullopt;
  return Arguments{*lifeline, *status, values + 6};
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Arguments> arguments = parse(argc, argv);
  if (!arguments) {
    std::fputs("usage: podium-guard --lifeline FD --status FD -- PROGRAM ARGUMENTS…\nIt is started by podium, never by hand.\n", stderr);
    return 2;
  }
  return podium::worker::Guard(arguments->lifeline, arguments->status).run(arguments->program);
}

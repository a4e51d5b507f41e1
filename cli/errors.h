#pragma once

#include "podium/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_cell_failed = 1;
inline constexpr int exit_wrong_use = 2;
inline constexpr int exit_nothing_ran = 3;
inline constexpr int exit_undecided = 4;
inline constexpr int exit_interrupted = 130;

/// Prints "podium: error: …" and "  try: …" on standard error; returns the exit status that the kind of error asks for.
int report_error(const podium::Error& error);
/// Prints help where it was asked for; else the error, naming the nearest known flag or command.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error);

/// An empty value is most likely a shell variable that was not set; it must not pass for a flag that was not given.
void refuse_empty_values(const CLI::App& command);

}  // namespace cli

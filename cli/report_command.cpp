#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "output_files.h"
#include "podium/compare.h"
#include "podium/history.h"
#include "podium/names.h"
#include "podium/report.h"
#include "report_formats.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct ReportFlags {
  std::vector<std::string> results;
  std::string out, format;
};

constexpr const char* description =
    "Draw a results file, or many as a history: a page with charts, a table for a pull request, or an image.";

constexpr const char* examples =
    "RESULTS: what 'podium bench --json' wrote, or the FILE.journal of a run that was not finished. Several are drawn as a history, as\n"
    "'podium compare' finds it: each cell through time, with the runs marked from which on it was faster or slower.\n\n"
    "html      one page with charts, filters and tables; it opens without network and can be sent as it is\n"
    "markdown  the tables, for a pull request or a page\n"
    "csv       a line for each cell, of a history for each cell and run\n"
    "json      the results file, schema podium.results/1; of a history podium.history/1\n"
    "svg, png  an image: of one run speeds, ratios and throughput, of a history all cells through time\n\n"
    "Examples:\n"
    "  podium report results.json -o report.html\n"
    "  podium report results.json --format markdown\n"
    "  podium report results.json -o speeds.svg\n"
    "  podium report nightly/*.json -o history.html";

struct Format {
  const char* name;
  std::vector<std::string> endings;
  std::string (*write)(const podium::Results& results);
  std::string (*write_history)(const podium::History& history);
};

const std::vector<Format>& formats() {
  using podium::History;
  using podium::Results;
  static const std::vector<Format> all{
      {"html",
       {".html", ".htm"},
       [](const Results& results) { return podium::to_html(results); },
       [](const History& history) { return podium::to_html(history); }},
      {"markdown",
       {".md", ".markdown"},
       [](const Results& results) { return podium::to_markdown(results); },
       [](const History& history) { return podium::to_markdown(history); }},
      {"csv",
       {".csv"},
       [](const Results& results) { return podium::to_csv(results); },
       [](const History& history) { return podium::to_csv(history); }},
      {"json",
       {".json"},
       [](const Results& results) { return podium::to_json(results); },
       [](const History& history) { return podium::to_json(history); }},
      {"svg",
       {".svg"},
       [](const Results& results) { return podium::draw_image(podium::to_chart(results), podium::ImageFormat::svg); },
       [](const History& history) { return podium::draw_image(podium::to_chart(history), podium::ImageFormat::svg); }},
      {"png",
       {".png"},
       [](const Results& results) { return podium::draw_image(podium::to_chart(results), podium::ImageFormat::png); },
       [](const History& history) { return podium::draw_image(podium::to_chart(history), podium::ImageFormat::png); }},
  };
  return all;
}

const Format& format_named(const std::string& name) {
  for (const Format& format : formats()) {
    if (name == format.name) return format;
  }
  throw podium::Exception(
      {podium::ErrorCode::wrong_use,
       fmt::format("--format {}: there is no such format{}", podium::printable(name), podium::did_you_mean(name, report_format_names())),
       fmt::format("choose from {}", fmt::join(report_format_names(), ", "))});
}

/// As --format says, else as the file's ending does.
const Format& format_of(const ReportFlags& flags) {
  if (!flags.format.empty()) return format_named(flags.format);
  if (flags.out.empty()) {
    throw podium::Exception({podium::ErrorCode::wrong_use, "neither --output nor --format says what to write",
                             "add -o report.html, or --format markdown to have it printed"});
  }
  const std::string ending = std::filesystem::path(flags.out).extension().string();
  for (const Format& format : formats()) {
    if (std::find(format.endings.begin(), format.endings.end(), ending) != format.endings.end()) return format;
  }
  throw podium::Exception({podium::ErrorCode::wrong_use,
                           fmt::format("--output {}: its ending does not tell the format", podium::printable(flags.out)),
                           fmt::format("add --format, one of {}", fmt::join(report_format_names(), ", "))});
}

std::string history_text(const ReportFlags& flags, const Format& format) {
  return format.write_history(podium::read_history(std::vector<std::filesystem::path>(flags.results.begin(), flags.results.end()), {}));
}

int run(const ReportFlags& flags) {
  const Format& format = format_of(flags);
  for (const std::string& file : flags.results) check_output_files(file, {{"--output", flags.out}}, "is the results file itself");
  if (flags.out.empty() && format.name == std::string("png") && is_terminal(stdout)) {
    throw podium::Exception({podium::ErrorCode::wrong_use, "--format png: an image cannot be shown in a terminal", "add -o speeds.png"});
  }
  const std::string text = flags.results.size() == 1 ? format.write(podium::read_run(flags.results.front())) : history_text(flags, format);
  if (flags.out.empty())
    print_out(text);
  else
    podium::write_file(flags.out, text);
  return exit_done;
}

}  // namespace

std::vector<std::string> report_format_names() {
  std::vector<std::string> names;
  for (const Format& format : formats()) names.emplace_back(format.name);
  return names;
}

void add_report_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("report", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<ReportFlags>();
  command->add_option("RESULTS", flags->results, "a results file; several are drawn as a history")->required()->type_name("TEXT ...");
  command->add_option("-o,--output", flags->out, "where to write (default: print it)")->type_name("FILE");
  command->add_option("--format", flags->format, "html, markdown, csv, json, svg or png (default: by the ending of FILE)")
      ->type_name("FORMAT");
  command->callback([command, flags, &status] {
    refuse_empty_values(*command);
    status = run(*flags);
  });
}

}  // namespace cli

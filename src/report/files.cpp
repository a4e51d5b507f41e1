#include "core/files.h"

#include <fmt/format.h>

#include "core/text.h"
#include "podium/compare.h"
#include "podium/report.h"
#include "report/journal.h"
#include "report/json_reader.h"

namespace podium {

Results read_results(const std::filesystem::path& file) {
  const std::string text = value_or_throw(read_text_file(file));
  return value_or_throw(report::parse_results(text, fmt::format("'{}'", printable(file.string()))));
}

bool is_journal(const std::filesystem::path& file) {
  return file.extension() == ".journal";
}

Results read_run(const std::filesystem::path& file) {
  return is_journal(file) ? value_or_throw(report::read_journal(file)) : read_results(file);
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  value_or_throw(write_file_atomically(file, text));
}

}  // namespace podium

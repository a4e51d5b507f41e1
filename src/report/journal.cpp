#include "report/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "core/unique_fd.h"
#include "podium/report.h"
#include "report/json_reader.h"
#include "report/json_writer.h"
#include "report/results_schema.h"

namespace podium::report {
namespace {

tl::unexpected<Error> refused(const std::filesystem::path& file, int error) {
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(
      ErrorCode::io, fmt::format("cannot write '{}': {}", printable(file.string()), std::generic_category().message(error)),
      is_full ? "free some space there, or give --json a file on another disk" : "give --json a file in a folder that can be written");
}

/// Writes all of `text`, or returns the errno.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

Cell& cell_named(Results& results, const std::string& id) {
  const auto found = std::find_if(results.cells.begin(), results.cells.end(), [&id](const Cell& cell) { return cell.id == id; });
  if (found != results.cells.end()) return *found;
  results.cells.emplace_back().id = id;
  return results.cells.back();
}

/// The last state written of a cell counts; its blocks came on lines of their own. What was measured under another key (an older engine,
/// say) is not this cell's.
Result<void> take_cell(const nlohmann::json& line, Results& results) {
  Result<Cell> cell = decode_cell(line.value("cell", nlohmann::json()));
  if (!cell) return tl::unexpected(cell.error());
  Cell& known = cell_named(results, cell->id);
  const bool is_another = !known.key.empty() && !cell->key.empty() && known.key != cell->key;
  if (!is_another) {
    cell->blocks = std::move(known.blocks);
    cell->throughput_blocks = std::move(known.throughput_blocks);
  }
  known = std::move(*cell);
  return {};
}

template <typename B>
Result<void> take_block_of(const nlohmann::json& line, Results& results, Result<B> (*decode)(const nlohmann::json&),
                           std::vector<B> Cell::*blocks) {
  const auto id = line.find("cell");
  if (id == line.end() || !id->is_string()) return fail(ErrorCode::bad_input, "a block names no cell");
  Result<B> block = decode(line.value("block", nlohmann::json()));
  if (!block) return tl::unexpected(block.error());
  (cell_named(results, id->get<std::string>()).*blocks).push_back(std::move(*block));
  return {};
}

Result<void> take_block(const nlohmann::json& line, Results& results) {
  return take_block_of(line, results, decode_block, &Cell::blocks);
}

Result<void> take_throughput_block(const nlohmann::json& line, Results& results) {
  return take_block_of(line, results, decode_throughput_block, &Cell::throughput_blocks);
}

Result<void> take_head(const nlohmann::json& line, Results& results) {
  if (line.value("schema", "") != schema) return fail(ErrorCode::bad_input, fmt::format("its \"schema\" is not \"{}\"", schema));
  return decode_head(line.value("run", nlohmann::json()), results);
}

Result<void> take_line(std::string_view text, Results& results) {
  const Result<nlohmann::json> line = parse_json(text, "the line");
  if (!line) return tl::unexpected(line.error());
  if (!line->is_object()) return fail(ErrorCode::bad_input, "the line is no JSON object");
  const auto kind = line->find("kind");
  using Take = Result<void> (*)(const nlohmann::json&, Results&);
  static constexpr std::pair<std::string_view, Take> kinds[] = {
      {"head", take_head}, {"cell", take_cell}, {"block", take_block}, {"throughput_block", take_throughput_block}};
  for (const auto& [name, take] : kinds) {
    if (kind != line->end() && *kind == name) return take(*line, results);
  }
  return fail(ErrorCode::bad_input, "its \"kind\" is none of head, cell, block and throughput_block");
}

/// What a journal's text holds.
struct Reading {
  Results results;
  std::size_t good_bytes = 0;  ///< up to the end of the last whole line
  int line = 0;                ///< where `error` stands
  std::optional<Error> error;
};

Reading read_lines(std::string_view content) {
  Reading reading;
  std::string_view rest = content;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;  // torn: the run ended while it was written
    ++reading.line;
    const Result<void> taken = take_line(rest.substr(0, end), reading.results);
    rest.remove_prefix(end + 1);
    // After a power cut the last line may hold rubbish in place of what was never written.
    if (!taken && rest.empty() && reading.line > 1) break;
    if (!taken) {
      reading.error = taken.error();
      break;
    }
    reading.good_bytes = content.size() - rest.size();
  }
  return reading;
}

Error in_journal(const std::filesystem::path& journal, const Reading& reading) {
  return {ErrorCode::bad_input, fmt::format("'{}', line {}: {}", printable(journal.string()), reading.line, reading.error->message),
          "give a journal that podium wrote beside a --json file"};
}

}  // namespace

struct Journal::State {
  std::filesystem::path results_file;
  std::filesystem::path journal_file;
  UniqueFd descriptor;
  off_t good_end = 0;  ///< where the last complete line ended

  Result<void> cut(off_t length) {
    struct stat status {};
    if (::fstat(descriptor.get(), &status) != 0) return refused(journal_file, errno);
    if (!S_ISREG(status.st_mode)) return {};  // a device has nothing to cut
    if (::ftruncate(descriptor.get(), length) != 0) return refused(journal_file, errno);
    good_end = ::lseek(descriptor.get(), length, SEEK_SET);
    return {};
  }

  Result<void> append(const Json& line) {
    int error = write_all(descriptor.get(), one_line(line) + "\n");
    if (error == 0 && ::fdatasync(descriptor.get()) != 0) error = errno;
    if (error == 0) {
      good_end = ::lseek(descriptor.get(), 0, SEEK_CUR);
      return {};
    }
    // Half a line must not stand before a later whole one. Where even this fails, the journal ends here torn, which a reader tolerates.
    if (::ftruncate(descriptor.get(), good_end) == 0) ::lseek(descriptor.get(), good_end, SEEK_SET);
    return refused(journal_file, error);
  }
};

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Result<std::unique_ptr<Journal::State>> Journal::open(const std::filesystem::path& results_file) {
  auto state = std::make_unique<State>();
  state->results_file = results_file;
  state->journal_file = results_file.string() + ".journal";
  state->descriptor.reset(::open(state->journal_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!state->descriptor) return refused(state->journal_file, errno);
  struct stat status {};
  if (::fstat(state->descriptor.get(), &status) != 0) return refused(state->journal_file, errno);
  if (!S_ISREG(status.st_mode)) return state;  // a device is everybody's
  // Two runs would write into each other's lines. The lock goes with the descriptor, however the run ends.
  if (::flock(state->descriptor.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return fail(ErrorCode::wrong_use, fmt::format("another run is writing '{}'", printable(state->journal_file.string())),
                "give each run a --json file of its own");
  }
  return state;
}

Result<Journal> Journal::create(const std::filesystem::path& results_file) {
  auto state = open(results_file);
  if (!state) return tl::unexpected(state.error());
  if (auto cut = (*state)->cut(0); !cut) return tl::unexpected(cut.error());
  return Journal(std::move(*state));
}

Result<Journal> Journal::resume(const std::filesystem::path& results_file, std::optional<Results>& earlier) {
  auto state = open(results_file);
  if (!state) return tl::unexpected(state.error());
  const Result<std::string> content = read_text_file((*state)->journal_file);
  if (!content) return tl::unexpected(content.error());
  Reading reading = read_lines(*content);
  if (reading.error) return tl::unexpected(in_journal((*state)->journal_file, reading));
  if (auto cut = (*state)->cut(static_cast<off_t>(reading.good_bytes)); !cut) return tl::unexpected(cut.error());
  if (reading.good_bytes > 0) earlier = std::move(reading.results);
  return Journal(std::move(*state));
}

Result<void> Journal::append_head(const Results& results) {
  return state_->append({{"kind", "head"}, {"schema", schema}, {"run", encode_head(results)}});
}

Result<void> Journal::append_cell(const Cell& cell) {
  return state_->append({{"kind", "cell"}, {"cell", encode_cell(cell)}});
}

Result<void> Journal::append_block(const std::string& cell_id, const Block& block) {
  return state_->append({{"kind", "block"}, {"cell", cell_id}, {"block", encode_block(block)}});
}

Result<void> Journal::append_block(const std::string& cell_id, const ThroughputBlock& block) {
  return state_->append({{"kind", "throughput_block"}, {"cell", cell_id}, {"block", encode_block(block)}});
}

Result<void> Journal::write_results(const Results& results) {
  return write_file_atomically(state_->results_file, to_json(results));
}

Result<Results> read_journal(const std::filesystem::path& journal) {
  const Result<std::string> content = read_text_file(journal);
  if (!content) return tl::unexpected(content.error());
  Reading reading = read_lines(*content);
  if (reading.error) return tl::unexpected(in_journal(journal, reading));
  return std::move(reading.results);
}

}  // namespace podium::report

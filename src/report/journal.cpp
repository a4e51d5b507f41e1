#include "report/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <numeric>
#include <string>
#include <string_view>
#include <system_error>

#include "core/files.h"
#include "core/text.h"
#include "core/unique_fd.h"
#include "podium/report.h"
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

std::filesystem::path journal_of(const std::filesystem::path& results_file) {
  return results_file.string() + ".journal";
}

/// Whether a run is writing it just now: what it says of itself then is not its last word.
bool is_being_written(const std::filesystem::path& journal) {
  const UniqueFd file(::open(journal.c_str(), O_RDONLY | O_CLOEXEC));
  return file && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

/// Nothing where the journal may be overwritten.
Result<void> check_nothing_is_lost(const std::filesystem::path& journal, const std::string& remedy) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(journal, none)) return {};
  const Result<std::string> content = read_text_file(journal);
  if (!content) return tl::unexpected(content.error());
  const JournalReading reading = read_journal_lines(*content);
  if (reading.error) {
    return fail(
        ErrorCode::wrong_use,
        fmt::format("'{}' would be overwritten, and its line {} is no line of a journal", printable(journal.string()), reading.line),
        remedy);
  }
  const auto& cells = reading.run.results.cells;
  const std::size_t blocks = std::accumulate(cells.begin(), cells.end(), std::size_t{0},
                                             [](std::size_t sum, const Cell& cell) { return sum + cell.blocks.size(); });
  if (reading.run.has_ended || blocks == 0) return {};
  return fail(
      ErrorCode::wrong_use,
      fmt::format("'{}' holds {} block{} of a run that was interrupted", printable(journal.string()), blocks, blocks == 1 ? "" : "s"),
      remedy);
}

}  // namespace

Result<void> check_not_interrupted(const std::filesystem::path& results_file, const std::string& remedy) {
  const std::filesystem::path journal = journal_of(results_file);
  return is_being_written(journal) ? Result<void>{} : check_nothing_is_lost(journal, remedy);
}

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
  state->journal_file = journal_of(results_file);
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

Result<Journal> Journal::create(const std::filesystem::path& results_file, Overwrite overwrite) {
  auto state = open(results_file);
  if (!state) return tl::unexpected(state.error());
  if (overwrite == Overwrite::what_has_ended) {
    if (auto checked = check_nothing_is_lost((*state)->journal_file, remedy_for_interrupted); !checked)
      return tl::unexpected(checked.error());
  }
  if (auto cut = (*state)->cut(0); !cut) return tl::unexpected(cut.error());
  return Journal(std::move(*state));
}

Result<Journal> Journal::resume(const std::filesystem::path& results_file, std::optional<EarlierRun>& earlier) {
  auto state = open(results_file);
  if (!state) return tl::unexpected(state.error());
  const Result<std::string> content = read_text_file((*state)->journal_file);
  if (!content) return tl::unexpected(content.error());
  JournalReading reading = read_journal_lines(*content);
  if (reading.error) return tl::unexpected(error_in_journal((*state)->journal_file, reading));
  if (auto cut = (*state)->cut(static_cast<off_t>(reading.good_bytes)); !cut) return tl::unexpected(cut.error());
  if (reading.good_bytes > 0) earlier = std::move(reading.run);
  return Journal(std::move(*state));
}

Result<void> Journal::append_head(const Results& results) {
  return state_->append({{"kind", "head"}, {"schema", schema}, {"run", encode_head(results)}});
}

Result<void> Journal::append_cell(const Cell& cell) {
  return state_->append({{"kind", "cell"}, {"cell", encode_cell(cell)}});
}

Result<void> Journal::append_anew(const Cell& cell) {
  return state_->append({{"kind", "cell"}, {"begins_anew", true}, {"cell", encode_cell(cell)}});
}

Result<void> Journal::append_block(const std::string& cell_id, const Block& block, double at_s) {
  return state_->append({{"kind", "block"}, {"cell", cell_id}, {"at_s", at_s}, {"block", encode_block(block)}});
}

Result<void> Journal::append_block(const std::string& cell_id, const ThroughputBlock& block, double at_s) {
  return state_->append({{"kind", "throughput_block"}, {"cell", cell_id}, {"at_s", at_s}, {"block", encode_block(block)}});
}

Result<void> Journal::append_seen(const SeenScan& scan) {
  Json processes = Json::array();
  for (const SeenProcess& process : scan.processes)
    processes.push_back({{"pid", process.pid}, {"name", process.name}, {"cpus", process.cpus}});
  return state_->append({{"kind", "seen"}, {"batch", scan.batch}, {"processes", std::move(processes)}});
}

Result<void> Journal::append_end() {
  return state_->append({{"kind", "end"}});
}

Result<void> Journal::write_results(const Results& results) {
  return write_file_atomically(state_->results_file, to_json(results));
}

}  // namespace podium::report

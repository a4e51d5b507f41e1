#include "report/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "podium/report.h"
#include "unit/report/sample_results.h"
#include "unit/temporary_folder.h"

namespace podium::report::test {
namespace {

namespace fs = std::filesystem;
using podium::test::slurp;
using podium::test::TemporaryFolder;
using ::testing::HasSubstr;

/// Writes a run as it would come about: the head, then each cell, its blocks, and the cell again as it ended.
void keep(Journal& journal, const Results& results) {
  ASSERT_TRUE(journal.append_head(results));
  for (const Cell& cell : results.cells) {
    Cell begun = cell;
    begun.status = CellStatus::partial;
    begun.latency_ms.reset();
    ASSERT_TRUE(journal.append_cell(begun));
    const auto at_s = [](const auto& block) { return 1e-9 * static_cast<double>(block.start_ns); };
    for (const Block& block : cell.blocks) ASSERT_TRUE(journal.append_block(cell.id, block, at_s(block)));
    for (const ThroughputBlock& block : cell.throughput_blocks) ASSERT_TRUE(journal.append_block(cell.id, block, at_s(block)));
    ASSERT_TRUE(journal.append_cell(cell));
  }
}

class JournalFiles : public ::testing::Test {
 protected:
  fs::path results_file() const { return folder_.path() / "r.json"; }
  fs::path journal_file() const { return folder_.path() / "r.json.journal"; }
  void keep_sample() {
    Result<Journal> journal = Journal::create(results_file());
    ASSERT_TRUE(journal);
    keep(*journal, sample_results());
  }
  void append_bytes(const std::string& bytes) { std::ofstream(journal_file(), std::ios::app | std::ios::binary) << bytes; }

  TemporaryFolder folder_;
};

TEST_F(JournalFiles, GiveTheRunBack) {
  keep_sample();
  const Result<Results> read = read_journal(journal_file());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(sample_results()));
}

TEST_F(JournalFiles, GiveBackAllButATornLastLine) {
  keep_sample();
  const auto size = fs::file_size(journal_file());
  append_bytes(R"({"kind":"block","cell":"openvino/bf16/b1/cpu","block":{"round":7,"samp)");
  EXPECT_EQ(to_json(*read_journal(journal_file())), to_json(sample_results()));
  fs::resize_file(journal_file(), size - 1);  // only its line feed is lost: it cannot be known to be whole
  const Result<Results> shorter = read_journal(journal_file());
  ASSERT_TRUE(shorter);
  EXPECT_EQ(shorter->cells.back().status, CellStatus::partial);
}

TEST_F(JournalFiles, AreReadableWhereverTheyWereCut) {
  keep_sample();
  const std::string whole = slurp(journal_file());
  const std::size_t head_end = whole.find('\n') + 1;
  for (std::size_t length = head_end; length < whole.size(); length += 1013) {
    std::ofstream(journal_file(), std::ios::binary) << whole.substr(0, length);
    EXPECT_TRUE(read_journal(journal_file())) << length;
  }
}

TEST_F(JournalFiles, BearRubbishOnTheLastLine) {
  keep_sample();
  append_bytes(std::string(64, '\0') + "\n");
  EXPECT_TRUE(read_journal(journal_file()));
}

TEST_F(JournalFiles, AreRefusedWithTheLineThatIsDamagedInTheMiddle) {
  keep_sample();
  append_bytes("{\"kind\": \"bolck\"}\n{\"kind\": \"cell\", \"cell\": {\"id\": \"x\"}}\n");
  const Result<Results> read = read_journal(journal_file());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::bad_input);
  EXPECT_THAT(read.error().message, HasSubstr("\"kind\" is none of"));
}

TEST_F(JournalFiles, AreRefusedWhenTheyAreSomethingElse) {
  folder_.write("r.json.journal", "Dear diary,\n");
  EXPECT_FALSE(read_journal(journal_file()));
  folder_.write("r.json.journal", "{\"kind\": \"head\", \"schema\": \"other/3\"}\n{}\n");
  EXPECT_FALSE(read_journal(journal_file()));
  EXPECT_FALSE(read_journal(folder_.path() / "none"));
}

TEST_F(JournalFiles, OfARunThatEndedAreBegunAnew) {
  {
    Result<Journal> journal = Journal::create(results_file());
    ASSERT_TRUE(journal);
    keep(*journal, sample_results());
    ASSERT_TRUE(journal->append_end());
  }
  EXPECT_EQ(to_json(*read_journal(journal_file())), to_json(sample_results()));
  EXPECT_TRUE(check_not_interrupted(results_file()));
  ASSERT_TRUE(Journal::create(results_file()));
  EXPECT_EQ(slurp(journal_file()), "");
}

TEST_F(JournalFiles, OfAnInterruptedRunAreLostOnlyWhereThatIsAskedFor) {
  keep_sample();
  const std::string kept = slurp(journal_file());
  const Result<Journal> refused = Journal::create(results_file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::wrong_use);
  std::size_t blocks = 0;
  for (const Cell& cell : sample_results().cells) blocks += cell.blocks.size();
  EXPECT_THAT(refused.error().message,
              HasSubstr("r.json.journal' holds " + std::to_string(blocks) + " blocks of a run that was interrupted"));
  EXPECT_THAT(refused.error().remedy, HasSubstr("--resume goes on with it, --overwrite begins anew"));
  EXPECT_FALSE(check_not_interrupted(results_file()));
  EXPECT_EQ(slurp(journal_file()), kept);
  ASSERT_TRUE(Journal::create(results_file(), Overwrite::everything));
  EXPECT_EQ(slurp(journal_file()), "");
}

TEST_F(JournalFiles, ThatWereTakenUpAndInterruptedAgainHaveNotEnded) {
  {
    Result<Journal> journal = Journal::create(results_file());
    ASSERT_TRUE(journal);
    keep(*journal, sample_results());
    ASSERT_TRUE(journal->append_end());
  }
  {
    std::optional<EarlierRun> earlier;
    Result<Journal> journal = Journal::resume(results_file(), earlier);
    ASSERT_TRUE(journal);
    EXPECT_TRUE(earlier->has_ended);
    ASSERT_TRUE(journal->append_head(sample_results()));
  }
  EXPECT_FALSE(Journal::create(results_file()));
}

TEST_F(JournalFiles, ThatHoldNoBlockAreBegunAnew) {
  {
    Result<Journal> journal = Journal::create(results_file());
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->append_head(sample_results()));
  }
  EXPECT_TRUE(Journal::create(results_file()));
}

TEST_F(JournalFiles, ThatAreSomethingElseAreNotOverwritten) {
  folder_.write("r.json.journal", "Dear diary,\nthe cat\n");
  const Result<Journal> refused = Journal::create(results_file());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("line 1 is no line of a journal"));
  EXPECT_EQ(slurp(journal_file()), "Dear diary,\nthe cat\n");
}

TEST_F(JournalFiles, ThatAreBeingWrittenWereNotInterrupted) {
  Result<Journal> first = Journal::create(results_file());
  ASSERT_TRUE(first);
  keep(*first, sample_results());
  EXPECT_TRUE(check_not_interrupted(results_file()));
}

TEST_F(JournalFiles, TellWhoWasSeenAndWhenBlocksBegan) {
  {
    Result<Journal> journal = Journal::create(results_file());
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->append_head(sample_results()));
    Block block;
    block.start_ns = 4'000'000'000'000;
    ASSERT_TRUE(journal->append_seen({8, {{4711, "hog", 0.98}}}));
    ASSERT_TRUE(journal->append_block("a", block, 75.5));
  }
  std::optional<EarlierRun> earlier;
  ASSERT_TRUE(Journal::resume(results_file(), earlier));
  ASSERT_TRUE(earlier);
  ASSERT_EQ(earlier->seen.size(), 1U);
  EXPECT_EQ(earlier->seen[0].batch, 8);
  ASSERT_EQ(earlier->seen[0].processes.size(), 1U);
  EXPECT_EQ(earlier->seen[0].processes[0].pid, 4711);
  EXPECT_EQ(earlier->seen[0].processes[0].name, "hog");
  EXPECT_DOUBLE_EQ(earlier->seen[0].processes[0].cpus, 0.98);
  EXPECT_EQ(earlier->seconds_of_blocks, (std::map<std::int64_t, double>{{4'000'000'000'000, 75.5}}));
  EXPECT_FALSE(earlier->has_ended);
}

TEST_F(JournalFiles, AreOneRunsAtATime) {
  Result<Journal> first = Journal::create(results_file());
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->append_head(sample_results()));
  const auto size = fs::file_size(journal_file());
  const Result<Journal> second = Journal::create(results_file());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(second.error().message, HasSubstr("another run is writing"));
  EXPECT_EQ(fs::file_size(journal_file()), size) << "the first run's journal is left alone";
}

TEST_F(JournalFiles, KeepTheResultsFileWholeWhileItIsReplaced) {
  Result<Journal> journal = Journal::create(results_file());
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->write_results(sample_results()));
  EXPECT_EQ(to_json(read_results(results_file())), to_json(sample_results()));
}

TEST_F(JournalFiles, ThatCannotBeMadeAreAnError) {
  const Result<Journal> journal = Journal::create(folder_.path() / "no" / "r.json");
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, ErrorCode::io);
  EXPECT_THAT(journal.error().message, HasSubstr("r.json.journal': No such file or directory"));
}

TEST_F(JournalFiles, OnAFullDiskNameTheFileAndTheMend) {
  fs::create_symlink("/dev/full", journal_file());
  Result<Journal> journal = Journal::create(results_file());
  ASSERT_TRUE(journal);
  const Result<void> kept = journal->append_head(sample_results());
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::io);
  EXPECT_THAT(kept.error().message, HasSubstr("r.json.journal': No space left on device"));
  EXPECT_THAT(kept.error().remedy, HasSubstr("--json"));
}

/// Lets no file grow past `bytes` while it lives, as a quota does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*before_handler_)(int) = SIG_DFL;
};

TEST_F(JournalFiles, LeaveNoHalfLineBehindWhenAWriteIsCutShort) {
  Result<Journal> journal = Journal::create(results_file());
  ASSERT_TRUE(journal);
  const Results results = sample_results();
  ASSERT_TRUE(journal->append_head(results));
  const auto head = fs::file_size(journal_file());
  {
    const FileSizeLimit limit(head + 100);
    EXPECT_FALSE(journal->append_cell(results.cells[0]));
  }
  EXPECT_EQ(fs::file_size(journal_file()), head);
  ASSERT_TRUE(journal->append_cell(results.cells[1]));
  const Result<Results> read = read_journal(journal_file());
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->cells.size(), 1U);
  EXPECT_EQ(read->cells[0].id, results.cells[1].id);
}

TEST_F(JournalFiles, GoOnWhereAnEarlierRunEnded) {
  keep_sample();
  append_bytes(R"({"kind":"block","cell":"torn)");
  std::optional<EarlierRun> earlier;
  {
    Result<Journal> journal = Journal::resume(results_file(), earlier);
    ASSERT_TRUE(journal) << journal.error().message;
    ASSERT_TRUE(earlier);
    EXPECT_EQ(to_json(earlier->results), to_json(sample_results()));
    Block block;
    block.round = 99;
    block.samples_ns = {1};
    ASSERT_TRUE(journal->append_block(earlier->results.cells[0].id, block, 100.0));
  }
  const Result<Results> read = read_journal(journal_file());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->cells[0].blocks.back().round, 99);
  EXPECT_EQ(read->cells[0].blocks.size(), sample_results().cells[0].blocks.size() + 1);
}

TEST_F(JournalFiles, BeginAnewWhereThereIsNothingToTakeUp) {
  std::optional<EarlierRun> earlier;
  Result<Journal> journal = Journal::resume(results_file(), earlier);
  ASSERT_TRUE(journal);
  EXPECT_FALSE(earlier);
  ASSERT_TRUE(journal->append_head(sample_results()));
}

TEST_F(JournalFiles, AreNotTakenUpNorCutWhereTheyAreDamagedInTheMiddle) {
  keep_sample();
  append_bytes("rubbish\n{\"kind\":\"head\"}\n");
  const auto size = fs::file_size(journal_file());
  std::optional<EarlierRun> earlier;
  const Result<Journal> journal = Journal::resume(results_file(), earlier);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, ErrorCode::bad_input);
  EXPECT_EQ(fs::file_size(journal_file()), size);
}

TEST_F(JournalFiles, KeepNoBlocksOfACellThatWasBegunAnewUnderAnotherKey) {
  {
    Result<Journal> journal = Journal::create(results_file());
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->append_head(sample_results()));
    Cell cell;
    cell.id = "a";
    cell.key = "old engine";
    Block block;
    block.samples_ns = {1};
    ASSERT_TRUE(journal->append_cell(cell));
    ASSERT_TRUE(journal->append_block("a", block, 0.0));
    ASSERT_TRUE(journal->append_block("a", ThroughputBlock{}, 0.0));
    cell.key = "new engine";
    ASSERT_TRUE(journal->append_cell(cell));
    block.round = 1;
    ASSERT_TRUE(journal->append_block("a", block, 0.0));
  }
  const Result<Results> read = read_journal(journal_file());
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->cells.size(), 1U);
  ASSERT_EQ(read->cells[0].blocks.size(), 1U);
  EXPECT_EQ(read->cells[0].blocks[0].round, 1);
  EXPECT_TRUE(read->cells[0].throughput_blocks.empty());
}

TEST_F(JournalFiles, KeepNoBlocksOfACellThatBeginsAnewThoughItsKeyIsTheSame) {
  {
    Result<Journal> journal = Journal::create(results_file());
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->append_head(sample_results()));
    Cell cell;
    cell.id = "a";
    cell.key = "a key";
    cell.status = CellStatus::ok;
    Block block;
    block.samples_ns = {1};
    ASSERT_TRUE(journal->append_cell(cell));
    ASSERT_TRUE(journal->append_block("a", block, 0.0));
    ASSERT_TRUE(journal->append_block("a", ThroughputBlock{}, 0.0));
    cell.status = CellStatus::partial;
    ASSERT_TRUE(journal->append_anew(cell));
    ASSERT_TRUE(journal->append_cell(cell));
  }
  const Result<Results> read = read_journal(journal_file());
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->cells.size(), 1U);
  EXPECT_EQ(read->cells[0].status, CellStatus::partial);
  EXPECT_TRUE(read->cells[0].blocks.empty());
  EXPECT_TRUE(read->cells[0].throughput_blocks.empty());
}

}  // namespace
}  // namespace podium::report::test

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "cache_fixture.h"

namespace podium::cache {
namespace {

using test::TemporaryFolder;
using testing::IsEmpty;

constexpr std::size_t entry_size = 100'000;
constexpr std::int64_t room_for_two = 250'000;

bool is_there(Cache& cache, const std::string& key) {
  return cache.get("kind", {key}, writes(entry_size)).value().was_there();
}

TEST(Eviction, TakesTheLeastRecentlyUsedEntry) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), room_for_two).value();
  (void)cache.get("kind", {"a"}, writes(entry_size)).value();
  (void)cache.get("kind", {"b"}, writes(entry_size)).value();
  (void)cache.get("kind", {"a"}, must_not_be_called).value();  // now b is the older
  (void)cache.get("kind", {"c"}, writes(entry_size)).value();
  EXPECT_TRUE(is_there(cache, "a"));
  EXPECT_TRUE(is_there(cache, "c"));
  EXPECT_FALSE(is_there(cache, "b"));
}

TEST(Eviction, LeavesEntriesThatAreInUse) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), room_for_two).value();
  std::vector<Entry> held;
  for (const char* key : {"a", "b", "c", "d"}) held.push_back(cache.get("kind", {key}, writes(entry_size)).value());
  for (const Entry& entry : held) EXPECT_TRUE(std::filesystem::exists(entry.folder() / "file"));
  held.clear();
  ASSERT_TRUE(Cache::open(root.path(), room_for_two));
  EXPECT_FALSE(is_there(cache, "a"));
}

TEST(Eviction, LeavesAnEntryHeldByACopy) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), 0).value();
  Entry copy;
  {
    const Entry entry = cache.get("kind", {"a"}, writes(entry_size)).value();
    copy = entry;
  }
  ASSERT_TRUE(Cache::open(root.path(), 0));
  EXPECT_TRUE(std::filesystem::exists(copy.folder() / "file"));
}

TEST(Eviction, TakesWorkingFoldersAsAWhole) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), no_limit).value();
  std::filesystem::path folder;
  {
    const Entry working = cache.working_folder("inductor", {"2.15"}).value();
    folder = working.folder();
    std::ofstream(folder / "kernel.so") << std::string(entry_size, 'x');
    ASSERT_TRUE(Cache::open(root.path(), 0));
    EXPECT_TRUE(std::filesystem::exists(folder / "kernel.so"));
  }
  ASSERT_TRUE(Cache::open(root.path(), 0));
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_THAT(things_in(root.path()), IsEmpty());
}

TEST(Eviction, KeepsAnEntryThatIsLargerThanTheLimitWhileItIsUsed) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), 10).value();
  const Entry entry = cache.get("kind", {"a"}, writes(entry_size)).value();
  EXPECT_EQ(std::filesystem::file_size(entry.folder() / "file"), entry_size);
}

TEST(Eviction, LeavesNoLockFileBehind) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), no_limit).value();
  (void)cache.get("kind", {"a"}, writes(entry_size)).value();
  ASSERT_TRUE(Cache::open(root.path(), 0));
  EXPECT_TRUE(std::filesystem::is_empty(root.path() / "kind"));
}

/// Dies by SIGKILL in the middle of making the entry "a".
void crash_while_making(const std::filesystem::path& root) {
  Cache cache = Cache::open(root, no_limit).value();
  (void)cache.get("kind", {"a"}, [](const std::filesystem::path& folder) -> Result<void> {
    std::ofstream(folder / "half") << "x" << std::flush;
    ::raise(SIGKILL);
    return {};
  });
}

TEST(Eviction, ClearsAwayWhatACrashLeft) {
  const TemporaryFolder root;
  const pid_t child = ::fork();
  if (child == 0) {
    crash_while_making(root.path());
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(things_in(root.path()).size(), 2U);  // the folder and the half file

  Cache cache = Cache::open(root.path(), no_limit).value();
  EXPECT_THAT(things_in(root.path()), IsEmpty());
  const Entry entry = cache.get("kind", {"a"}, writes(1)).value();
  EXPECT_FALSE(entry.was_there());
  EXPECT_FALSE(std::filesystem::exists(entry.folder() / "half"));
}

}  // namespace
}  // namespace podium::cache

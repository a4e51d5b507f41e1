#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "cache_fixture.h"

namespace podium::cache {
namespace {

using test::slurp;
using test::TemporaryFolder;

TEST(TwoRuns, TheSecondWaitsForTheFirst) {
  const TemporaryFolder root;
  std::atomic<int> made = 0;
  std::barrier both(2);
  const auto run = [&] {
    Cache cache = Cache::open(root.path(), no_limit).value();
    both.arrive_and_wait();
    const Entry entry =
        cache
            .get("kind", {"a"},
                 [&made](const std::filesystem::path& folder) -> Result<void> {
                   ++made;
                   std::this_thread::sleep_for(std::chrono::milliseconds(50));  // long enough for the other to come while we are here
                   std::ofstream(folder / "file") << "whole";
                   return {};
                 })
            .value();
    EXPECT_EQ(slurp(entry.folder() / "file"), "whole");
  };
  std::thread first(run);
  std::thread second(run);
  first.join();
  second.join();
  EXPECT_EQ(made, 1);
}

TEST(TwoRuns, TheSecondMakesItWhereTheFirstFailed) {
  const TemporaryFolder root;
  std::atomic<bool> first_is_making = false;
  std::thread first([&] {
    const auto failed = Cache::open(root.path(), no_limit)->get("kind", {"a"}, [&](const std::filesystem::path&) -> Result<void> {
      first_is_making = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      return fail(ErrorCode::failed, "broken");
    });
    EXPECT_FALSE(failed);
  });
  while (!first_is_making) std::this_thread::yield();
  EXPECT_FALSE(Cache::open(root.path(), no_limit)->get("kind", {"a"}, writes(1)).value().was_there());
  first.join();
}

TEST(TwoRuns, WaitingEndsWhenTheUserAsksToStop) {
  const TemporaryFolder root;
  const CancelToken cancel;
  std::atomic<bool> first_is_making = false;
  std::atomic<bool> second_is_back = false;
  std::thread first([&] {
    const auto waits = [&](const std::filesystem::path&) -> Result<void> {
      first_is_making = true;
      while (!second_is_back) std::this_thread::yield();
      return {};
    };
    EXPECT_TRUE(Cache::open(root.path(), no_limit)->get("kind", {"a"}, waits));
  });
  while (!first_is_making) std::this_thread::yield();
  std::thread user([&cancel] { cancel.request(); });
  const auto stopped = Cache::open(root.path(), no_limit)->get("kind", {"a"}, must_not_be_called, &cancel);
  second_is_back = true;
  first.join();
  user.join();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

/// Asks for the same few entries again and again in a cache that holds only one of them. 0 where every entry was whole.
int contend(const std::filesystem::path& root, char what) {
  Cache cache = Cache::open(root, 70'000).value();
  constexpr std::size_t size = 60'000;
  for (int i = 0; i < 60; ++i) {
    const auto entry = cache.get("kind", {std::to_string(i % 3)}, writes(size, what));
    if (!entry) return 1;
    const std::string content = slurp(entry->folder() / "file");
    if (content.size() != size || content != std::string(size, content.front())) return 2;
  }
  return 0;
}

TEST(TwoRuns, NeverSeeHalfAnEntryWhileTheyEvictEachOthers) {
  const TemporaryFolder root;
  std::vector<pid_t> children;
  for (const char what : {'a', 'b', 'c'}) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(contend(root.path(), what));
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
}

}  // namespace
}  // namespace podium::cache

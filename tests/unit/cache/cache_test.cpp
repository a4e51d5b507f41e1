#include "cache/cache.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "cache_fixture.h"

namespace podium::cache {
namespace {

using test::slurp;
using test::TemporaryFolder;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Cache, MakesAnEntryOnceAndFindsItAgain) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), no_limit).value();
  const Entry made = cache.get("export", {"a", "b"}, writes(3)).value();
  EXPECT_FALSE(made.was_there());
  EXPECT_EQ(slurp(made.folder() / "file"), "xxx");
  const Entry found = Cache::open(root.path(), no_limit)->get("export", {"a", "b"}, must_not_be_called).value();
  EXPECT_TRUE(found.was_there());
  EXPECT_EQ(found.folder(), made.folder());
}

TEST(Cache, KeepsEntriesOfOtherPartsAndKindsApart) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), no_limit).value();
  std::set<std::filesystem::path> folders;
  for (const std::vector<std::string>& parts : std::vector<std::vector<std::string>>{{"a", "b"}, {"ab"}, {"ab", ""}, {"b", "a"}, {}}) {
    folders.insert(cache.get("export", parts, writes(1)).value().folder());
    folders.insert(cache.get("aoti", parts, writes(1)).value().folder());
    folders.insert(cache.working_folder("aoti", parts).value().folder());
  }
  EXPECT_EQ(folders.size(), 15U);
}

TEST(Cache, KeepsNothingOfAMakerThatFailed) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), no_limit).value();
  const auto failed = cache.get("export", {"a"}, [](const std::filesystem::path& folder) -> Result<void> {
    std::ofstream(folder / "half") << "x";
    return fail(ErrorCode::unsupported, "no such operator", "Use another.");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unsupported);
  EXPECT_EQ(failed.error().message, "no such operator");
  EXPECT_THAT(things_in(root.path()), IsEmpty());
  EXPECT_FALSE(cache.get("export", {"a"}, writes(1)).value().was_there());
}

TEST(Cache, KeepsNothingOfAMakerThatThrew) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), no_limit).value();
  const auto throws = [](const std::filesystem::path&) -> Result<void> { throw std::runtime_error("broken"); };
  EXPECT_THROW((void)cache.get("export", {"a"}, throws), std::runtime_error);
  EXPECT_THAT(things_in(root.path()), IsEmpty());
  EXPECT_FALSE(cache.get("export", {"a"}, writes(1)).value().was_there());
}

TEST(Cache, KeepsAWorkingFolderWithWhatWasWrittenToIt) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), no_limit).value();
  {
    const Entry first = cache.working_folder("inductor", {"2.15"}).value();
    EXPECT_FALSE(first.was_there());
    std::ofstream(first.folder() / "kernel.so") << "code";
  }
  const Entry second = cache.working_folder("inductor", {"2.15"}).value();
  EXPECT_TRUE(second.was_there());
  EXPECT_EQ(slurp(second.folder() / "kernel.so"), "code");
}

TEST(Cache, IsReadableByItsOwnerOnly) {
  const TemporaryFolder parent;
  ASSERT_TRUE(Cache::open(parent.path() / "podium", no_limit));
  EXPECT_EQ(std::filesystem::status(parent.path() / "podium").permissions(), std::filesystem::perms::owner_all);
}

TEST(Cache, SaysWhereItCannotWriteAndWhatMendsIt) {
  const TemporaryFolder folder;
  const auto file = folder.write("file", "");
  for (const std::filesystem::path& root : {file / "podium", std::filesystem::path("/proc/podium")}) {
    const auto cache = Cache::open(root, no_limit);
    ASSERT_FALSE(cache) << root;
    EXPECT_EQ(cache.error().code, ErrorCode::io);
    EXPECT_THAT(cache.error().message, HasSubstr(root.string()));
    EXPECT_THAT(cache.error().remedy, HasSubstr("XDG_CACHE_HOME"));
  }
}

TEST(Cache, AnEmptyEntryHoldsNothing) {
  EXPECT_TRUE(Entry().folder().empty());
  EXPECT_FALSE(Entry().was_there());
}

TEST(Cache, TellsWhereAWorkingFolderLiesWithoutMakingIt) {
  const TemporaryFolder root;
  Cache cache = Cache::open(root.path(), no_limit).value();
  EXPECT_FALSE(cache.existing_working_folder("inductor", {"2.15"}));
  EXPECT_THAT(things_in(root.path()), IsEmpty());
  const Entry made = cache.working_folder("inductor", {"2.15"}).value();
  EXPECT_EQ(cache.existing_working_folder("inductor", {"2.15"}), made.folder());
  EXPECT_FALSE(cache.existing_working_folder("inductor", {"2.16"}));
}

class CacheEnvironment : public testing::Test {
 protected:
  ~CacheEnvironment() override {
    ::unsetenv("PODIUM_CACHE_LIMIT");
    ::unsetenv("XDG_CACHE_HOME");
  }
  TemporaryFolder home_;
};

TEST_F(CacheEnvironment, XdgCacheHomeSaysWhereItLies) {
  ::setenv("XDG_CACHE_HOME", home_.path().c_str(), 1);
  EXPECT_TRUE(Cache::open());
  EXPECT_TRUE(std::filesystem::is_directory(home_.path() / "podium"));
}

TEST_F(CacheEnvironment, ALimitThatIsNoNumberIsRefused) {
  ::setenv("XDG_CACHE_HOME", home_.path().c_str(), 1);
  for (const char* limit : {"lots", "5GB", "-1", "99999999999999999999"}) {
    ::setenv("PODIUM_CACHE_LIMIT", limit, 1);
    const auto cache = Cache::open();
    ASSERT_FALSE(cache) << limit;
    EXPECT_EQ(cache.error().code, ErrorCode::wrong_use);
    EXPECT_THAT(cache.error().message, HasSubstr(limit));
  }
}

/// In a child with a file system of its own, 64 KiB large: 0 where the maker's lack of space is told and nothing is left, 77 where no file
/// system can be mounted.
int fill_a_small_disk(const std::filesystem::path& folder) {
  const bool alone = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (!alone || ::mount("none", folder.c_str(), "tmpfs", 0, "size=64k,nr_inodes=16") != 0) return 77;
  Cache cache = Cache::open(folder, no_limit).value();
  const auto too_much = [](const std::filesystem::path& place) -> Result<void> {
    std::ofstream stream(place / "file");
    stream << std::string(1'000'000, 'x') << std::flush;
    return stream ? Result<void>() : fail(ErrorCode::io, "disk full");
  };
  const auto refused = cache.get("export", {"a"}, too_much);
  if (refused || refused.error().message != "disk full" || !things_in(folder).empty()) return 1;
  // Not even a folder fits once every inode is taken.
  for (int i = 0; std::ofstream(folder / std::to_string(i)); ++i) continue;
  const auto nothing_fits = cache.get("other", {"a"}, writes(1));
  return !nothing_fits && nothing_fits.error().code == ErrorCode::io && nothing_fits.error().remedy.starts_with("free some space") ? 0 : 2;
}

TEST(Cache, TellsWhenTheDiskIsFullAndLeavesNothing) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(fill_a_small_disk(folder.path()));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "a file system can be mounted by root only";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace podium::cache

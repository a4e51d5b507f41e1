#include "core/files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "../temporary_folder.h"

namespace {

using podium::ErrorCode;
using podium::read_text_file;
using podium::write_file_atomically;
using podium::test::slurp;
using podium::test::TemporaryFolder;
using testing::HasSubstr;

TEST(ReadTextFile, ReturnsEveryByte) {
  const TemporaryFolder folder;
  std::string content(200'001, 'x');
  content[100] = '\0';
  EXPECT_EQ(read_text_file(folder.write("a", content)).value(), content);
  EXPECT_EQ(read_text_file(folder.write("empty", "")).value(), "");
}

TEST(ReadTextFile, ReadsFilesThatTellNoSize) {
  EXPECT_THAT(read_text_file("/proc/self/status").value(), HasSubstr("Pid:"));
}

TEST(ReadTextFile, NamesTheFileThatIsMissing) {
  const auto content = read_text_file("/nowhere/model.onnx");
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().code, ErrorCode::bad_input);
  EXPECT_THAT(content.error().message, HasSubstr("/nowhere/model.onnx"));
  EXPECT_FALSE(content.error().remedy.empty());
}

TEST(ReadTextFile, RefusesWhatIsLargerThanTheLimit) {
  const TemporaryFolder folder;
  const auto file = folder.write("a", std::string(11, 'x'));
  EXPECT_TRUE(read_text_file(file, 11));
  const auto content = read_text_file(file, 10);
  ASSERT_FALSE(content);
  EXPECT_THAT(content.error().message, HasSubstr("larger than 10 B"));
}

TEST(ReadTextFile, RefusesFoldersAndPipesWithoutHanging) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_text_file(folder.path()).error().code, ErrorCode::bad_input);
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_text_file(pipe).error().code, ErrorCode::bad_input);
}

TEST(WriteFileAtomically, ReplacesTheContentAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const auto file = folder.write("results.json", "old");
  ASSERT_TRUE(write_file_atomically(file, "new"));
  EXPECT_EQ(slurp(file), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteFileAtomically, WritesThroughALink) {
  const TemporaryFolder folder;
  const auto file = folder.write("target/results.json", "old");
  std::filesystem::create_symlink(file, folder.path() / "link");
  ASSERT_TRUE(write_file_atomically(folder.path() / "link", "new"));
  EXPECT_EQ(slurp(file), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
}

TEST(WriteFileAtomically, SaysSoWhenTheDiskIsFull) {
  const auto written = write_file_atomically("/dev/full", "content");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io);
  EXPECT_THAT(written.error().message, HasSubstr("No space left"));
  EXPECT_THAT(written.error().remedy, HasSubstr("free some space"));
}

TEST(WriteFileAtomically, LeavesDevicesInTheirPlace) {
  ASSERT_TRUE(write_file_atomically("/dev/null", "content"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(WriteFileAtomically, NamesTheFolderThatIsMissing) {
  const auto written = write_file_atomically("/nowhere/at/all.json", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io);
  EXPECT_THAT(written.error().message, HasSubstr("/nowhere/at/all.json"));
}

TEST(WriteFileAtomically, RefusesAFolder) {
  const TemporaryFolder folder;
  EXPECT_THAT(write_file_atomically(folder.path(), "x").error().message, HasSubstr("directory"));
}

}  // namespace

#include "core/sha256.h"

#include <gmock/gmock.h>

#include "../temporary_folder.h"

namespace {

using podium::sha256_of_path;
using podium::sha256_of_text;
using podium::test::TemporaryFolder;

// FIPS 180-4's examples.
constexpr const char* digest_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, AgreesWithTheStandard) {
  EXPECT_EQ(sha256_of_text(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of_text("abc"), digest_of_abc);
  podium::Sha256 digest;
  for (int i = 0; i < 1000; ++i) digest.update(std::string(1000, 'a'));
  EXPECT_EQ(digest.hex_digest(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfAFileIsThatOfItsContent) {
  const TemporaryFolder folder;
  EXPECT_EQ(sha256_of_path(folder.write("a", "abc")).value(), digest_of_abc);
}

TEST(Sha256, OfAFolderDependsOnNamesAndContents) {
  const TemporaryFolder folder;
  folder.write("a", "1");
  folder.write("b/c", "2");
  const std::string before = sha256_of_path(folder.path()).value();
  EXPECT_EQ(sha256_of_path(folder.path()).value(), before);
  folder.write("a", "2");
  folder.write("b/c", "1");
  const std::string swapped = sha256_of_path(folder.path()).value();
  EXPECT_NE(swapped, before);
  std::filesystem::rename(folder.path() / "a", folder.path() / "z");
  EXPECT_NE(sha256_of_path(folder.path()).value(), swapped);
}

TEST(Sha256, NamesTheFileThatIsMissing) {
  const auto digest = sha256_of_path("/nowhere/weights.pt");
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, podium::ErrorCode::bad_input);
  EXPECT_THAT(digest.error().message, testing::HasSubstr("/nowhere/weights.pt"));
}

}  // namespace

#include "podium/display.h"

#include <gtest/gtest.h>

#include <clocale>

namespace podium {
namespace {

TEST(DisplayWidth, CountsCharactersAndNotBytes) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("model.onnx"), 10U);
  EXPECT_EQ(display_width("2.31× ±▁█"), 9U);
}

TEST(DisplayWidth, IsTwoForWideCharactersAndNoneForThoseThatJoinAnother) {
  EXPECT_EQ(display_width("模型.onnx"), 9U);
  EXPECT_EQ(display_width("モデル"), 6U);
  EXPECT_EQ(display_width("한국어"), 6U);
  EXPECT_EQ(display_width("🚀"), 2U);
  EXPECT_EQ(display_width("e\u0301"), 1U);  // an accent of its own
}

TEST(DisplayWidth, HoldsInALocaleWithoutUtf8) {
  const std::string before = std::setlocale(LC_CTYPE, nullptr);
  ASSERT_NE(std::setlocale(LC_CTYPE, "C"), nullptr);
  EXPECT_EQ(display_width("模型"), 4U);
  EXPECT_STREQ(std::setlocale(LC_CTYPE, nullptr), "C");
  std::setlocale(LC_CTYPE, before.c_str());
}

TEST(DisplayWidth, GivesEachByteThatIsNoUtf8AColumn) {
  EXPECT_EQ(display_width("a\x80\xff"), 3U);
  EXPECT_EQ(display_width("\xe6\xa8"), 2U);  // cut off in the middle
}

TEST(FirstColumns, KeepCharactersWhole) {
  EXPECT_EQ(first_columns("model", 3), "mod");
  EXPECT_EQ(first_columns("模型", 3), "模");
  EXPECT_EQ(first_columns("模型", 4), "模型");
  EXPECT_EQ(first_columns("e\u0301e", 1), "e\u0301");
  EXPECT_EQ(first_columns("模", 1), "");
  EXPECT_EQ(first_columns("ab", 9), "ab");
}

}  // namespace
}  // namespace podium

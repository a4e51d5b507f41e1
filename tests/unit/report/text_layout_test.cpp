#include "report/text_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::report {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Layout, PadsByColumnsAndNotByBytes) {
  EXPECT_EQ(pad_right("模型", 5), "模型 ");
  EXPECT_EQ(pad_left("×", 3), "  ×");
  EXPECT_EQ(pad_right("×", 3), "×  ");
  EXPECT_EQ(pad_right("long", 2), "long");
}

TEST(Layout, WrapsAtSpaces) {
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("an unbreakableword here", 6), ElementsAre("an", "unbreakableword", "here"));
  EXPECT_THAT(wrap("   ", 6), IsEmpty());
}

TEST(Layout, HasALikenessInAscii) {
  EXPECT_EQ(to_ascii("2.31× ±0.4% – a · b"), "2.31x +/-0.4% - a | b");
  EXPECT_EQ(to_ascii("模型.onnx"), "??.onnx");
  EXPECT_EQ(to_ascii("\x80\xff"), "??");
}

}  // namespace
}  // namespace podium::report

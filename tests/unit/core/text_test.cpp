#include "core/text.h"

#include <gmock/gmock.h>

namespace {

using namespace podium;
using testing::ElementsAre;

const std::vector<std::string> backends{"aotinductor", "fake", "onnxruntime", "openvino", "torch-compile", "torch-eager"};

TEST(NearestName, FindsSlipsOfTheFinger) {
  EXPECT_EQ(nearest_name("onnxrutnime", backends), "onnxruntime");
  EXPECT_EQ(nearest_name("OpenVino", backends), "openvino");
  EXPECT_EQ(nearest_name("opnvino", backends), "openvino");
  EXPECT_EQ(nearest_name("torch_eager", backends), "torch-eager");
}

TEST(NearestName, FindsTheOnlyNameThatBeginsSo) {
  EXPECT_EQ(nearest_name("onnx", backends), "onnxruntime");
  EXPECT_EQ(nearest_name("torch", backends), "");
}

TEST(NearestName, IsEmptyWhereNothingIsNear) {
  EXPECT_EQ(nearest_name("tensorrt", backends), "");
  EXPECT_EQ(nearest_name("", backends), "");
  EXPECT_EQ(nearest_name(std::string(1'000'000, 'x'), backends), "");
  EXPECT_EQ(did_you_mean("tensorrt", backends), "");
  EXPECT_EQ(did_you_mean("fkae", backends), ", did you mean 'fake'?");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("1,8,,32", ','), ElementsAre("1", "8", "", "32"));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
}

TEST(Printable, LetsWordsOfEveryLanguageThrough) {
  EXPECT_EQ(printable("Größe 大きさ 🏆"), "Größe 大きさ 🏆");
}

TEST(Printable, TakesTheTerminalOutOfHostileHands) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(printable("a\x1b[2Jb"), "a" + mark + "[2Jb");
  EXPECT_EQ(printable("a\nb\tc\x7f"), "a" + mark + "b" + mark + "c" + mark);
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            mark + "31m");                                               // C1 control sequence introducer
  EXPECT_EQ(printable("a\xE2\x80\xAEgpj.exe"), "a" + mark + "gpj.exe");  // right-to-left override
}

TEST(Printable, ReplacesBytesThatAreNotUtf8) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(printable("\xFF"), mark);
  EXPECT_EQ(printable("\xC0\xAF"), mark + mark);             // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), mark + mark + mark);  // surrogate
  EXPECT_EQ(printable("\xE2\x82"), mark + mark);             // cut short
}

TEST(HumanBytes, ReadsWell) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(12'345'678), "12.3 MB");
  EXPECT_EQ(human_bytes(999'960), "1.0 MB");
}

}  // namespace

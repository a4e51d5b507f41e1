#include "worker/protocol.h"

#include <gmock/gmock.h>

namespace podium::worker {
namespace {

TEST(Protocol, LengthIsFourBytesTheLowestFirst) {
  const std::string framed = frame(std::string(258, 'x'));
  EXPECT_EQ(framed.substr(0, 4), (std::string{'\x02', '\x01', '\x00', '\x00'}));
  EXPECT_EQ(framed.size(), 262U);
}

TEST(Protocol, MessagesComeOutWholeHoweverTheyWereCut) {
  const std::string stream = frame("first") + frame("") + frame("third message");
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameReader reader;
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.add(std::string_view(stream).substr(at, piece));
      while (auto message = *reader.next()) messages.push_back(*message);
    }
    EXPECT_EQ(messages, (std::vector<std::string>{"first", "", "third message"})) << "pieces of " << piece;
  }
}

TEST(Protocol, CutFrameIsNoMessage) {
  FrameReader reader;
  reader.add(frame("hello").substr(0, 8));
  const auto message = reader.next();
  ASSERT_TRUE(message);
  EXPECT_FALSE(*message);
}

TEST(Protocol, LengthOverTheLimitIsRefusedBeforeTheBytesCome) {
  FrameReader reader;
  reader.add(std::string{'\x01', '\x00', '\x00', '\x04'});  // 64 MiB and one byte
  EXPECT_FALSE(reader.next());
}

TEST(Protocol, LengthAtTheLimitIsWaitedFor) {
  FrameReader reader;
  reader.add(std::string{'\x00', '\x00', '\x00', '\x04'});
  const auto message = reader.next();
  ASSERT_TRUE(message);
  EXPECT_FALSE(*message);
}

}  // namespace
}  // namespace podium::worker

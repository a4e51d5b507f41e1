#include "podium/cancel.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

namespace {

bool readable(const podium::CancelToken& token) {
  pollfd descriptor{token.descriptor(), POLLIN, 0};
  return ::poll(&descriptor, 1, 0) == 1;
}

const podium::CancelToken* token_of_handler = nullptr;

TEST(CancelToken, IsNotRequestedAtFirst) {
  const podium::CancelToken token;
  EXPECT_FALSE(token.requested());
  EXPECT_FALSE(readable(token));
}

TEST(CancelToken, CopiesShareOneState) {
  const podium::CancelToken token;
  const podium::CancelToken copy = token;
  copy.request();
  EXPECT_TRUE(token.requested());
  EXPECT_TRUE(readable(token));
}

TEST(CancelToken, StaysRequestedHoweverOftenItIsAsked) {
  const podium::CancelToken token;
  for (int i = 0; i < 3; ++i) token.request();
  EXPECT_TRUE(token.requested());
  EXPECT_TRUE(token.requested());
  EXPECT_TRUE(readable(token));
  EXPECT_TRUE(readable(token));
}

TEST(CancelToken, CanBeRequestedFromASignalHandler) {
  const podium::CancelToken token;
  token_of_handler = &token;
  const auto before = ::signal(SIGUSR1, [](int) { token_of_handler->request(); });
  ::raise(SIGUSR1);
  ::signal(SIGUSR1, before);
  token_of_handler = nullptr;
  EXPECT_TRUE(token.requested());
}

}  // namespace

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "backends/api/registry.h"
#include "core/install_paths.h"
#include "core/json.h"
#include "fake_worker.h"
#include "worker/arena.h"
#include "worker/guarded_process.h"
#include "worker/protocol.h"

/// podium-worker itself, spoken to byte by byte.
namespace podium::worker {
namespace {

using ::testing::HasSubstr;

std::filesystem::path backends() {
  return find_install_paths().backends;
}

class RawWorker {
 public:
  explicit RawWorker(const std::filesystem::path& module = backends() / "podium-backend-fake.so") {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    socket_.reset(ends[0]);
    const UniqueFd theirs(ends[1]);
    auto started = GuardedProcess::start(
        {{find_install_paths().worker.string(), "--module", module.string(), "--socket", "3", "--inputs", "4", "--arena", "5"},
         {},
         {{theirs.get(), 3}, {inputs_.descriptor(), 4}, {arena_->descriptor(), 5}},
         folder_.path() / "log"});
    EXPECT_TRUE(started) << started.error().message;
    process_.emplace(std::move(*started));
  }
  void write(const std::string& bytes) {
    EXPECT_EQ(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  nlohmann::json ask(const std::string& message) {
    write(frame(message));
    FrameReader reader;
    char byte = 0;
    while (::read(socket_.get(), &byte, 1) == 1) {
      reader.add({&byte, 1});
      if (auto reply = reader.next(); reply && *reply) return nlohmann::json::parse(**reply);
    }
    return {};
  }
  void close() { socket_.reset(); }
  ExitStatus exit() { return process_->wait(std::chrono::seconds(30)).value_or(ExitStatus{-1, std::nullopt, false}); }
  [[nodiscard]] std::string log() const { return test::slurp(folder_.path() / "log"); }

 private:
  test::TemporaryFolder folder_;
  UniqueFd socket_;
  InputMemory inputs_ = InputMemory::empty();
  Result<Arena> arena_ = Arena::create();
  std::optional<GuardedProcess> process_;
};

TEST(Serve, SaysHelloAndQuits) {
  RawWorker worker;
  const auto hello = worker.ask(R"({"op": "hello"})");
  EXPECT_EQ(hello["ok"], true);
  EXPECT_EQ(hello["protocol"], protocol_version);
  EXPECT_EQ(worker.ask(R"({"op": "quit"})"), nlohmann::json({{"ok", true}}));
  EXPECT_EQ(worker.exit().code, 0);
}

TEST(Serve, EndsWithZeroWhenTheSocketCloses) {
  RawWorker worker;
  worker.ask(R"({"op": "hello"})");
  worker.close();
  EXPECT_EQ(worker.exit().code, 0);
}

TEST(Serve, EndsWithZeroWhenTheSocketClosesInTheMiddleOfAMessage) {
  RawWorker worker;
  worker.write(frame(R"({"op": "hello"})").substr(0, 9));
  worker.close();
  const ExitStatus exit = worker.exit();
  EXPECT_EQ(exit.code, 0);
  EXPECT_FALSE(exit.signal);
}

TEST(Serve, EndsWithTwoAtAMessageThatIsNoJson) {
  RawWorker worker;
  worker.write(frame("hello?"));
  EXPECT_EQ(worker.exit().code, 2);
  EXPECT_THAT(worker.log(), HasSubstr("is not JSON"));
}

TEST(Serve, EndsWithTwoAtAMessageThatIsTooLong) {
  RawWorker worker;
  worker.write({'\xff', '\xff', '\xff', '\xff'});
  EXPECT_EQ(worker.exit().code, 2);
  EXPECT_THAT(worker.log(), HasSubstr("longer than"));
}

TEST(Serve, AnswersNonsenseWithAnErrorAndGoesOn) {
  RawWorker worker;
  for (const char* request : {R"({"op": "dance"})", R"({})", R"([])", R"({"op": 7})", R"({"op": "measure"})", R"({"op": "load"})",
                              R"({"op": "answers", "batches": "all"})", R"({"op": "audit"})"}) {
    const auto reply = worker.ask(request);
    EXPECT_EQ(reply["ok"], false) << request;
    EXPECT_FALSE(reply["error"]["message"].get<std::string>().empty()) << request;
  }
  EXPECT_EQ(worker.ask(R"({"op": "hello"})")["ok"], true);
}

TEST(Serve, InputsOutsideTheirMemoryAreRefused) {
  RawWorker worker;  // its inputs memory is empty
  const auto reply =
      worker.ask(R"({"op": "load", "model": "/proc/self/exe", "precision": "fp32", "device": "cpu", "threads": 1, "options": {},
                                    "cache": "", "inputs": [{"name": "x", "type": "float32", "shape": [1, 4], "offsets": [0]}]})");
  EXPECT_EQ(reply["error"]["code"], "bad_input");
  EXPECT_THAT(reply["error"]["message"].get<std::string>(), HasSubstr("does not lie in the inputs memory"));
}

TEST(Serve, ModuleOfAnotherContractIsTheAnswerToProbeAndLoad) {
  RawWorker worker(std::filesystem::path(PODIUM_TEST_MODULES) / "test_module_newer_contract.so");
  const auto probe = worker.ask(R"({"op": "probe"})");
  EXPECT_EQ(probe["available"], false);
  EXPECT_THAT(probe["reason"].get<std::string>(), HasSubstr("backend contract"));
  EXPECT_EQ(worker.ask(R"({"op": "load"})")["error"]["code"], "unavailable");
}

TEST(Serve, DescribesItsModuleOnStandardOutput) {
  std::string text;
  const auto result = run_guarded(
      {{find_install_paths().worker.string(), "--module", (backends() / "podium-backend-fake.so").string(), "--describe", "-"}, {}, {}, {}},
      {}, CancelToken(), [&text](const std::string& line) { text += line; });
  ASSERT_TRUE(result) << result.error().message;
  const auto entry = backend::parse_descriptor(text);
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(entry->descriptor.name, "fake");
}

TEST(Serve, WrongArgumentsShowTheUsage) {
  const std::string program = find_install_paths().worker.string();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{program}, {program, "--module"}, {program, "--module", "x", "--socket", "99"}}) {
    const auto result = run_guarded({arguments, {}, {}, {}}, {}, CancelToken());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("exited with status 2"));
    EXPECT_THAT(result.error().message, HasSubstr("usage: podium-worker"));
  }
}

}  // namespace
}  // namespace podium::worker
